using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.OAuth.Delegations;

/// <summary>Why somebody cannot let a client act.</summary>
internal static class DelegationRefusals
{
    public static readonly RefusalCode NotForClients = Refused.Forbidden(
        "not_for_clients", "Send the session of a person who signed in, not one that a program holds.");

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [NotForClients];
}
