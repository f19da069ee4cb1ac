using Broker.Foundation.Results;
using Broker.Metrics;

namespace Broker.Sessions;

/// <summary>How many tried to prove who they are, and how that ended.</summary>
internal sealed class SessionMetrics
{
    private readonly Counter _attempts =
        new("agentkeys_broker_auth_attempts_total", "Attempts to prove an identity.");
    private readonly Counter _unauthorized = new(
        "agentkeys_broker_auth_failed_unauthorized_total", "Attempts refused because the proof did not hold.");
    private readonly Counter _rateLimited =
        new("agentkeys_broker_auth_failed_rate_limited_total", "Attempts refused with 429.");
    private readonly Counter _other =
        new("agentkeys_broker_auth_failed_other_total", "Attempts that failed for another reason.");

    public IReadOnlyList<IMetric> All => [_attempts, _unauthorized, _rateLimited, _other];

    /// <summary>Counts one attempt to prove an identity and how it ended.</summary>
    public void Count(Refusal? refusal)
    {
        _attempts.Add();
        if (refusal is null) return;
        var failed = refusal.Code.Status switch
        {
            StatusCodes.Status401Unauthorized => _unauthorized,
            StatusCodes.Status429TooManyRequests => _rateLimited,
            _ => _other,
        };
        failed.Add();
    }
}
