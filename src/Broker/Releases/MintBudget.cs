using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Writing;

namespace Broker.Releases;

/// <summary>
/// An actor's budget of credentials in an hour, of every kind that spends it. The count starts from the ledger, so a
/// restart gives no new budget.
/// </summary>
internal sealed class MintBudget(ReleaseOptions options, ReleaseLedger ledger, EntryKinds kinds, TimeProvider time)
{
    private readonly RateWindows _mints = new(time);
    private readonly IReadOnlySet<string> _spending = kinds.Spending;

    /// <summary>0 means no limit.</summary>
    public int Limit => options.MintsPerHour;

    /// <summary>What is used, and the refusal where nothing is left. Takes nothing.</summary>
    public (long Used, Refusal? Refusal) Look(ActorOmni actor)
    {
        var (used, wait) = _mints.Look(actor.ToString(), Limit, CountSince(actor));
        return (used, wait is { } left ? Spent(left) : null);
    }

    /// <summary>Null when it was granted.</summary>
    public Refusal? Take(ActorOmni actor)
    {
        if (Limit == 0) return null;
        return _mints.Take(actor.ToString(), Limit, CountSince(actor)) is { } wait ? Spent(wait) : null;
    }

    private Func<long, long> CountSince(ActorOmni actor) =>
        start => ledger.Reader.CountOk(actor, _spending, DateTimeOffset.FromUnixTimeSeconds(start), Limit);

    private Refusal Spent(TimeSpan wait) =>
        new(ReleaseRefusals.MintRateLimited, $"more than {Limit} credentials in this hour") { RetryAfter = wait };
}
