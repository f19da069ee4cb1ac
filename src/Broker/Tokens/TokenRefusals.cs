using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.Tokens;

/// <summary>Why no OIDC token is issued.</summary>
internal static class TokenRefusals
{
    public static readonly RefusalCode UnknownAudience = Refused.BadRequest(
        "unknown_audience", "Ask for one of the audiences that the message names, or leave audience out.");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [UnknownAudience];
}
