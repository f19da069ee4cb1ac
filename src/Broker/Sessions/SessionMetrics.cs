using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Metrics;

namespace Broker.Sessions;

/// <summary>How many tried to prove who they are, and how that ended.</summary>
internal sealed class SessionMetrics(Meter meter)
{
    private readonly Counter<long> _attempts =
        meter.Counter("agentkeys_broker_auth_attempts_total", "Attempts to prove an identity.");
    private readonly Counter<long> _unauthorized = meter.Counter(
        "agentkeys_broker_auth_failed_unauthorized_total", "Attempts refused because the proof did not hold.");
    private readonly Counter<long> _rateLimited =
        meter.Counter("agentkeys_broker_auth_failed_rate_limited_total", "Attempts refused with 429.");
    private readonly Counter<long> _other =
        meter.Counter("agentkeys_broker_auth_failed_other_total", "Attempts that failed for another reason.");

    public IReadOnlyList<Instrument> All => [_attempts, _unauthorized, _rateLimited, _other];

    /// <summary>Counts one attempt to prove an identity and how it ended.</summary>
    public void Count(Refusal? refusal)
    {
        _attempts.Add(1);
        if (refusal is null) return;
        var failed = refusal.Code.Status switch
        {
            StatusCodes.Status401Unauthorized => _unauthorized,
            StatusCodes.Status429TooManyRequests => _rateLimited,
            _ => _other,
        };
        failed.Add(1);
    }
}
