using Broker.Foundation.Results;
using static Broker.Kms.KmsRefusals;

namespace Broker.Kms.Records;

/// <summary>What the ledger has no room for.</summary>
internal static class RecordRefusals
{
    public static readonly RefusalCode TooManyRefusals = Declare("too_many_refusals", LedgerOutcome.RateLimited,
        "Wait a minute, then send a request that can be granted.");

    public static readonly RefusalCode TooManyRequests = Declare("too_many_requests", LedgerOutcome.RateLimited,
        "Wait a minute, then ask again.");
}
