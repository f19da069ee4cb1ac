using System.Diagnostics;
using Broker.Http;
using Broker.Releases;

namespace Broker.Operations;

/// <summary>
/// What the broker counts. No labels that could name a person: numbers only. <see cref="PrometheusText"/> writes them.
/// </summary>
internal sealed class BrokerMetrics
{
    private const string Prefix = "agentkeys_broker_";

    public Counter Mints { get; } = new(Prefix + "mints_total", "Credentials released, of every kind.");

    public Counter MintsFailed { get; } =
        new(Prefix + "mints_failed_total", "Mint requests that ended without a credential.");

    public Counter Authentications { get; } = new(Prefix + "auth_attempts_total", "Attempts to prove an identity.");

    public Counter AuthenticationsUnauthorized { get; } =
        new(Prefix + "auth_failed_unauthorized_total", "Attempts refused because the proof did not hold.");

    public Counter AuthenticationsRateLimited { get; } =
        new(Prefix + "auth_failed_rate_limited_total", "Attempts refused with 429.");

    public Counter AuthenticationsOther { get; } =
        new(Prefix + "auth_failed_other_total", "Attempts that failed for another reason.");

    public Counter IdempotencyHits { get; } =
        new(Prefix + "idempotency_hits_total", "Answers given again for the same Idempotency-Key.");

    public Counter IdempotencyConflicts { get; } =
        new(Prefix + "idempotency_conflicts_total",
            "Idempotency keys used for another request, or for one under way.");

    public Histogram OidcTokenSeconds { get; } =
        new(Prefix + "mint_oidc_jwt_seconds", "Time to answer POST /v1/mint-oidc-jwt.");

    public Histogram AwsCredentialsSeconds { get; } =
        new(Prefix + "mint_aws_creds_seconds", "Time to answer POST /v1/mint-aws-creds.");

    public void CountIdempotencyHit() => IdempotencyHits.Add();

    public void CountIdempotencyConflict() => IdempotencyConflicts.Add();

    /// <summary>Counts one attempt to prove an identity and how it ended.</summary>
    public void CountAuthentication(Refusal? refusal)
    {
        Authentications.Add();
        if (refusal is null) return;
        var failed = RefusalCatalog.Of(refusal.Code).Status switch
        {
            StatusCodes.Status401Unauthorized => AuthenticationsUnauthorized,
            StatusCodes.Status429TooManyRequests => AuthenticationsRateLimited,
            _ => AuthenticationsOther,
        };
        failed.Add();
    }

    /// <summary>Times one mint until it is disposed; it counts as failed unless it says that it succeeded.</summary>
    public MintTimer TimeMint(MintKind kind) => new(this, kind);

    internal sealed class MintTimer(BrokerMetrics metrics, MintKind kind) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private bool _succeeded;

        public void Succeeded() => _succeeded = true;

        public void Dispose()
        {
            (_succeeded ? metrics.Mints : metrics.MintsFailed).Add();
            var seconds = kind == MintKind.OidcToken ? metrics.OidcTokenSeconds : metrics.AwsCredentialsSeconds;
            seconds.Observe(Stopwatch.GetElapsedTime(_started));
        }
    }
}

/// <summary>A number that only grows.</summary>
internal sealed class Counter(string name, string help)
{
    private long _value;

    public string Name => name;

    public string Help => help;

    public long Value => Volatile.Read(ref _value);

    public void Add() => Interlocked.Increment(ref _value);
}

/// <summary>Durations in cumulative buckets, as Prometheus wants them.</summary>
internal sealed class Histogram(string name, string help)
{
    /// <summary>Upper bounds in seconds.</summary>
    public static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private long _ticks;

    public string Name => name;

    public string Help => help;

    public double SumSeconds => TimeSpan.FromTicks(Volatile.Read(ref _ticks)).TotalSeconds;

    /// <summary>Observations per bucket, not yet cumulative; the last has no upper bound.</summary>
    public IEnumerable<long> Counts => _counts.Select((_, bucket) => Volatile.Read(ref _counts[bucket]));

    public void Observe(TimeSpan duration)
    {
        var bucket = Array.FindIndex(Bounds, bound => duration.TotalSeconds <= bound);
        Interlocked.Increment(ref _counts[bucket < 0 ? Bounds.Length : bucket]);
        Interlocked.Add(ref _ticks, duration.Ticks);
    }
}
