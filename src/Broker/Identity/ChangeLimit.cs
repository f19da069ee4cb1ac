using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.Identity;

/// <summary>
/// How many changes one actor may make in an hour (grants, links, pairings, path policies): each is an entry of the
/// ledger for ever.
/// </summary>
internal sealed class ChangeLimit(IdentityOptions options, TimeProvider time)
{
    private readonly RateWindows _windows = new(time);

    /// <summary>Null when granted.</summary>
    public Refusal? Take(VerifiedCaller caller) =>
        _windows.Take(caller.Actor.ToString(), options.ChangesPerHour) is { } wait
            ? new Refusal(IdentityRefusals.ChangesRateLimited, "too many changes by this actor in this hour")
            {
                RetryAfter = wait,
            }
            : null;
}
