using Broker.Attestation.Issuers;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.Kms.Machine;
using Broker.Ledger.Writing;
using Broker.SigningKeys;

namespace Broker.IssuerEvidence;

/// <summary>
/// Has the machine's quote vouch for the issuer, its published keys and its ledger's key. One quote is made at a time:
/// a guest agent is no match for all who may ask.
/// </summary>
internal sealed partial class EvidenceMaker(
    OwnMachine machine, OidcKeys keys, ReleaseLedger ledger, IssuerOptions issuer, EvidenceOptions options,
    TimeProvider time, ILogger<EvidenceMaker> log) : IDisposable
{
    /// <summary>How many may wait for fresh evidence; whoever comes later is told to come again.</summary>
    private const int MostWaiting = 16;

    /// <summary>After a failure nobody asks the agent for kept evidence before that.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly Refusal None = new(
        EvidenceRefusals.NotConfidential, "this issuer runs in no confidential machine: it has no guest agent");

    private static readonly Refusal Failed = new(
        EvidenceRefusals.Unavailable, "the machine gave no evidence, or its maker's collateral cannot be had")
    {
        RetryAfter = Pause,
    };

    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _waiting;
    private Kept? _kept;
    private DateTimeOffset _pausedUntil;

    /// <summary>Evidence made now, over the caller's nonce.</summary>
    /// <param name="nonce">Of a length that <see cref="IssuerStatement"/> takes.</param>
    public async Task<Result<byte[]>> MakeAsync(byte[] nonce, CancellationToken stop)
    {
        try
        {
            return Interlocked.Increment(ref _waiting) <= MostWaiting
                ? await InTurnAsync(() => AttestAsync(Stated(nonce), stop), stop)
                : new Refusal(EvidenceRefusals.Unavailable, "too many ask for fresh evidence at once");
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>
    /// Evidence without a nonce, which is made anew when a key changed or it is older than
    /// <see cref="EvidenceOptions.MaxAge"/>. It is never older than it says.
    /// </summary>
    public async Task<Result<CachedDocument>> KeptAsync(CancellationToken stop)
    {
        if (FindKept() is { } known) return known;
        return await InTurnAsync(() => KeepAsync(stop), stop);
    }

    public void Dispose() => _turn.Dispose();

    private async Task<Result<CachedDocument>> KeepAsync(CancellationToken stop)
    {
        if (FindKept() is { } known) return known;
        if (time.GetUtcNow() < _pausedUntil) return Failed;
        var statement = Stated([]);
        var made = await AttestAsync(statement, stop);
        if (made.IsRefused)
        {
            _pausedUntil = time.GetUtcNow() + Pause;
            return made.Refusal;
        }

        var document = new CachedDocument(made.Value);
        Volatile.Write(ref _kept, new Kept(statement, document));
        return document;
    }

    private CachedDocument? FindKept() =>
        Volatile.Read(ref _kept) is { } kept
        && time.GetUtcNow() < kept.Statement.MadeAt + options.MaxAge
        && kept.Statement.Keys.SequenceEqual(Stated([]).Keys)
        && kept.Statement.LedgerKey == ledger.VerifierKey.ToString()
            ? kept.Document
            : null;

    private async Task<Result<T>> InTurnAsync<T>(Func<Task<Result<T>>> make, CancellationToken stop)
        where T : notnull
    {
        if (!machine.IsConfidential) return None;
        await _turn.WaitAsync(stop);
        try
        {
            return await make();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Result<byte[]>> AttestAsync(IssuerStatement statement, CancellationToken stop)
    {
        var evidence = await machine.AttestAsync(statement.ReportData(), stop);
        if (!evidence.IsRefused)
            return IssuerEvidenceDocument.Write(statement, evidence.Value.Bytes.Span, evidence.Value.Collateral);
        LogFailed(log, evidence.Refusal.Detail);
        return Failed;
    }

    private IssuerStatement Stated(byte[] nonce)
    {
        var statement = IssuerStatement.Of(
            issuer.Issuer, time.GetUtcNow(), nonce, keys.Published.Select(one => one.Key.Thumbprint),
            ledger.VerifierKey.ToString());
        return statement.Value ?? throw new InvalidOperationException($"internal error: {statement.Error}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "no evidence of the issuer: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    private sealed record Kept(IssuerStatement Statement, CachedDocument Document);
}
