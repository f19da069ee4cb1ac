using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;

namespace Broker.DataClasses;

/// <summary>
/// How often an actor may ask the services that take capabilities, all of them together, in a minute.
/// </summary>
internal sealed class ServiceBudget(DataOptions options, TimeProvider time)
{
    private readonly RateWindows _requests = new(time, RateWindows.Minute);

    /// <summary>Null when it was granted.</summary>
    public Refusal? Take(VerifiedCaller caller) =>
        _requests.Take(caller.Actor.ToString(), options.PerMinute) is { } wait
            ? new Refusal(DataRefusals.RateLimited, $"more than {options.PerMinute} requests in this minute")
            {
                RetryAfter = wait,
            }
            : null;
}
