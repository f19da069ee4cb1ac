using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.Identity;

/// <summary>
/// How many changes one actor may make in an hour (grants, links, pairings, path policies): each is an entry of the
/// ledger for ever.
/// </summary>
internal sealed class ChangeLimit(IdentityOptions options, TimeProvider time) : RequestLimit(
    options.ChangesPerHour, RateWindows.Hour, IdentityRefusals.ChangesRateLimited,
    "too many changes by this actor in this hour", time)
{
    /// <summary>Null when granted.</summary>
    public Refusal? Take(VerifiedCaller caller) => Take(caller.Actor.ToString());
}
