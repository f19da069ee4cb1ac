using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.OAuth.Assertions;

/// <summary>Why a key's assertion is not accepted.</summary>
internal static class AssertionRefusals
{
    public static readonly RefusalCode Invalid = Refused.Unauthorized(
        "assertion_invalid", "Sign a new assertion, and correct what the message says.");

    public static readonly RefusalCode Replayed = Refused.Unauthorized(
        "assertion_replayed", "Sign a new assertion with a new jti for each request.");

    public static readonly RefusalCode NotAnAgent = Refused.Unauthorized(
        "assertion_not_of_agent",
        "Let the master bind the device to this agent (POST /v1/agent/pending-bindings/ack), or pair anew.");

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [Invalid, Replayed, NotAnAgent];
}
