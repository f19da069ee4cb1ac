using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.Evidence;
using Broker.Attestation.RaTls;
using Broker.Issuer;
using Broker.Kms.Machine;
using Broker.SigningKeys;

namespace Broker.IssuerEvidence;

/// <summary>
/// The certificates that stand beside the published keys as <c>x5c</c>. In a confidential machine each carries the
/// machine's evidence over the key itself, as RA-TLS has it (kms-protocol §5.1); such a certificate is made once in
/// the life of the process, so that the JWKS keeps its entity tag. Elsewhere, and while the machine gives no evidence,
/// it is the key's own certificate.
/// </summary>
internal sealed partial class KeyCertificates(
    OwnMachine machine, IssuerOptions issuer, TimeProvider time, ILogger<KeyCertificates> log) : IDisposable
{
    /// <summary>The JWKS is never held up for longer.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, byte[]> _attested = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private DateTimeOffset _pausedUntil;

    /// <summary>DER.</summary>
    public async ValueTask<byte[]> OfAsync(PublishedKey published, CancellationToken stop)
    {
        if (!machine.IsConfidential) return published.Certificate;
        if (_attested.TryGetValue(published.Key.Thumbprint, out var known)) return known;
        await _turn.WaitAsync(stop);
        try
        {
            return await AttestAsync(published, stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<byte[]> AttestAsync(PublishedKey published, CancellationToken stop)
    {
        if (_attested.TryGetValue(published.Key.Thumbprint, out var known)) return known;
        if (time.GetUtcNow() < _pausedUntil) return published.Certificate;

        using var own = X509CertificateLoader.LoadCertificate(published.Certificate);
        var evidence = await AskAsync(
            ReportDataBinding.ForCertificate(own.PublicKey.ExportSubjectPublicKeyInfo()), stop);
        if (evidence is null)
        {
            _pausedUntil = time.GetUtcNow() + Pause;
            return published.Certificate;
        }

        return _attested[published.Key.Thumbprint] = published.Key.SelfSign(
            new Uri(issuer.Issuer).Host, own.NotBefore, own.NotAfter,
            RaTlsExtensions.Attestation(evidence.Attestation));
    }

    private async Task<OwnEvidence?> AskAsync(byte[] reportData, CancellationToken stop)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(LongestWait);
        try
        {
            var evidence = await machine.AttestAsync(reportData, limited.Token);
            if (!evidence.IsRefused) return evidence.Value;
            LogFailed(log, evidence.Refusal.Detail);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            LogFailed(log, "the machine took too long");
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the JWKS's certificates carry no evidence: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);
}
