using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;

namespace Broker.People;

/// <summary>How often a person may look at the account page and at entries, in all browsers together.</summary>
internal sealed class AccountLimit(TimeProvider time)
{
    /// <summary>In a minute.</summary>
    public const int Looks = 120;

    private readonly RateWindows _windows = new(time, RateWindows.Minute);

    /// <summary>Null when granted.</summary>
    public Refusal? Take(ActorOmni actor) => _windows.Take(actor.ToString(), Looks) is { } wait
        ? new Refusal(PeopleRefusals.TooManyLooks, "you have looked at your account too often in this minute")
        {
            RetryAfter = wait,
        }
        : null;
}
