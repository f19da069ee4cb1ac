using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Writing;

namespace Broker.Releases;

/// <summary>
/// The actor's budget of credentials in an hour. The count starts from the ledger, so a restart gives no new budget.
/// </summary>
internal sealed class RateCheck(
    ReleaseOptions options, ReleaseLedger ledger, EntryKinds kinds, TimeProvider time) : IReleaseCheck
{
    private const string Name = "rate";

    private readonly RateWindows _mints = new(time);
    private readonly IReadOnlySet<string> _spending = kinds.Spending;

    private int Limit => options.MintsPerHour;

    public PolicyCheck Look(MintRequest request)
    {
        if (Limit == 0) return new PolicyCheck(Name, "no limit");
        var actor = request.Caller.Actor;
        var (used, wait) = _mints.Look(actor.ToString(), Limit, CountSince(actor));
        return wait is { } left
            ? new PolicyCheck(Name, $"{used} of {Limit} this hour", Spent(left))
            : new PolicyCheck(Name, $"{used} of {Limit} this hour");
    }

    public Refusal? Take(MintRequest request)
    {
        if (Limit == 0) return null;
        var actor = request.Caller.Actor;
        return _mints.Take(actor.ToString(), Limit, CountSince(actor)) is { } wait ? Spent(wait) : null;
    }

    private Func<long, long> CountSince(ActorOmni actor) =>
        start => ledger.Reader.CountOk(actor, _spending, DateTimeOffset.FromUnixTimeSeconds(start), Limit);

    private Refusal Spent(TimeSpan wait) =>
        new(ReleaseRefusals.MintRateLimited, $"more than {Limit} credentials in this hour") { RetryAfter = wait };
}
