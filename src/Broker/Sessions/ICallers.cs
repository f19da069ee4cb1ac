using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Refusals;

namespace Broker.Sessions;

/// <summary>Who asks: in the broker by its own state, in another process by what it can know of a session.</summary>
internal interface ICallers
{
    /// <summary>
    /// Verifies the bearer of an attempt and makes both known to it. Whoever hangs up does not end it: what is found
    /// goes on record.
    /// </summary>
    ValueTask<Result<VerifiedCaller>> AuthenticateAsync(Attempt attempt);
}
