using Broker.Foundation.Results;

namespace Broker.Releases;

/// <summary>The actor's budget of credentials in an hour.</summary>
internal sealed class RateCheck(MintBudget budget) : IReleaseCheck
{
    private const string Name = "rate";

    public PolicyCheck Look(MintRequest request)
    {
        if (budget.Limit == 0) return new PolicyCheck(Name, "no limit");
        var (used, refusal) = budget.Look(request.Caller.Actor);
        return new PolicyCheck(Name, $"{used} of {budget.Limit} this hour", refusal);
    }

    public Refusal? Take(MintRequest request) => budget.Take(request.Caller.Actor);
}
