using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Serialization;
using Broker.Attestation.Evidence;
using Broker.Foundation.Results;
using Broker.Issuer;
using Broker.Kms.Machine;

namespace Broker.Signer;

/// <summary>Answer of <c>GET /dev/attestation</c> (contract §10.1).</summary>
/// <param name="Quote">The processor's own, in hex.</param>
/// <param name="QuoteFormat"><c>tdx</c>, or <c>sev-snp</c>.</param>
/// <param name="IssuedAt">Unix seconds.</param>
/// <param name="KeyVersion">Of the wallets' derivation.</param>
/// <param name="AttestedPubkey">
/// <c>0x</c> and 66 hex digits: the compressed key on secp256k1 that stands for the master secret.
/// </param>
/// <param name="SignerUrl">The issuer whose sessions the signer obeys.</param>
internal sealed record SignerAttestation(
    [property: JsonPropertyName("quote")] string Quote,
    [property: JsonPropertyName("quote_format")] string QuoteFormat,
    [property: JsonPropertyName("issued_at")] long IssuedAt,
    [property: JsonPropertyName("key_version")] int KeyVersion,
    [property: JsonPropertyName("attested_pubkey")] string AttestedPubkey,
    [property: JsonPropertyName("signer_url")] string SignerUrl);

/// <summary>
/// The machine's quote over the signer, kept for an hour. Its report data is SHA-512(<c>agentkeys-signer:</c> ‖
/// content) with the content, big-endian:
/// <code>
/// u8   01                 version
/// u8   key version
/// u64  issued_at
/// u32  33, 33 bytes       attested_pubkey
/// u32  n, n bytes         signer_url, UTF-8
/// </code>
/// </summary>
internal sealed partial class SignerQuotes(
    OwnMachine machine, IssuerOptions issuer, TimeProvider time, ILogger<SignerQuotes> log) : IDisposable
{
    /// <summary>The tag of <see cref="ReportDataBinding"/>.</summary>
    public const string Tag = "agentkeys-signer";

    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly Refusal None =
        new(SignerRefusals.NoTee, "this signer runs in no confidential machine");

    private static readonly Refusal Failed = new(SignerRefusals.NoQuote, "the machine gave no quote")
    {
        RetryAfter = Pause,
    };

    private readonly SemaphoreSlim _turn = new(1, 1);
    private SignerAttestation? _kept;
    private DateTimeOffset _pausedUntil;

    /// <summary>The kept quote, or a new one.</summary>
    public async Task<Result<SignerAttestation>> FindAsync(SignerMaster wallets, CancellationToken stop)
    {
        if (!machine.IsConfidential) return None;
        if (wallets.Secret is not { } master) return SignerRoutes.Disabled;
        await _turn.WaitAsync(stop);
        try
        {
            var now = time.GetUtcNow();
            if (_kept is { } kept && now < DateTimeOffset.FromUnixTimeSeconds(kept.IssuedAt) + MaxAge) return kept;
            return now < _pausedUntil ? Failed : await MakeAsync(master, now, stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>The content that the quote is over.</summary>
    public static byte[] Content(int keyVersion, long issuedAt, ReadOnlySpan<byte> publicKey, string url)
    {
        var address = Encoding.UTF8.GetBytes(url);
        var content = new byte[18 + publicKey.Length + address.Length];
        (content[0], content[1]) = (1, (byte)keyVersion);
        BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(2), issuedAt);
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(10), publicKey.Length);
        publicKey.CopyTo(content.AsSpan(14));
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(14 + publicKey.Length), address.Length);
        address.CopyTo(content, 18 + publicKey.Length);
        return content;
    }

    private async Task<Result<SignerAttestation>> MakeAsync(
        MasterSecret master, DateTimeOffset now, CancellationToken stop)
    {
        var issuedAt = now.ToUnixTimeSeconds();
        var publicKey = master.Identity().ToCompressed();
        var evidence = await machine.AttestAsync(
            ReportDataBinding.Compute(Tag, Content(MasterSecret.KeyVersion, issuedAt, publicKey, issuer.Issuer)), stop);
        if (evidence.IsRefused)
        {
            LogFailed(log, evidence.Refusal.Detail);
            _pausedUntil = now + Pause;
            return Failed;
        }

        var (quote, format) = evidence.Value.Attestation switch
        {
            TdxAttestation tdx => (tdx.Quote.Bytes, "tdx"),
            SnpAttestation snp => (snp.Report, "sev-snp"),
            _ => throw new InvalidOperationException("internal error: evidence of another kind"),
        };
        return _kept = new SignerAttestation(
            Convert.ToHexStringLower(quote.Span), format, issuedAt, MasterSecret.KeyVersion,
            $"0x{Convert.ToHexStringLower(publicKey)}", issuer.Issuer);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "no quote over the signer: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);
}
