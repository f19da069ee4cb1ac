using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Attestation.Apps;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.RaTls;

/// <summary>
/// What a certificate says beyond X.509. Reading proves nothing: the attestation has to be verified and bound to the
/// certificate's key (<see cref="ExpectedReportData"/>), and the identity comes from that attestation alone. App id and
/// app info are worth what the certificate's issuer is worth.
/// </summary>
public sealed record RaTlsCertificate
{
    /// <summary>The bound on one extension's payload; a real attestation has some 7 KiB.</summary>
    public const int MaxExtensionLength = 256 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>DER, as it stands in the certificate.</summary>
    public required ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; init; }

    public ReadOnlyMemory<byte>? AppId { get; init; }

    /// <summary>
    /// One of <see cref="CertificateUsage"/>, or what somebody else wrote there; null when there is no such extension.
    /// </summary>
    public string? Usage { get; init; }

    public AppInfo? AppInfo { get; init; }

    /// <summary>Null when the certificate carries none, which is no fault of its own.</summary>
    public VersionedAttestation? Attestation { get; init; }

    /// <summary>What an attestation has to be bound to so as to speak for this certificate's key.</summary>
    public byte[] ExpectedReportData() => ReportDataBinding.ForCertificate(SubjectPublicKeyInfo.Span);

    /// <summary>
    /// Reads the extensions. One that comes twice, is too long, or does not parse refuses the certificate.
    /// </summary>
    public static Decoded<RaTlsCertificate> Read(X509Certificate2 certificate)
    {
        var payloads = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value is not { } oid || !IsOurs(oid)) continue;
            var payload = Unwrap(oid, extension.RawData);
            if (!payload.Succeeded) return payload.RefusedAs<RaTlsCertificate>();
            if (!payloads.TryAdd(oid, payload.Value)) return Refused($"extension {oid} appears more than once");
        }

        return Read(certificate.PublicKey.ExportSubjectPublicKeyInfo(), payloads);
    }

    private static Decoded<RaTlsCertificate> Read(byte[] publicKey, Dictionary<string, byte[]> payloads)
    {
        AppInfo? appInfo = null;
        if (payloads.TryGetValue(RaTlsOid.AppInfo, out var appInfoBytes))
        {
            var decoded = AppInfo.Decode(appInfoBytes);
            if (!decoded.Succeeded) return decoded.RefusedAs<RaTlsCertificate>();
            appInfo = decoded.Value;
        }

        string? usage = null;
        try
        {
            if (payloads.TryGetValue(RaTlsOid.CertificateUsage, out var usageBytes))
            {
                usage = StrictUtf8.GetString(usageBytes);
            }
        }
        catch (DecoderFallbackException)
        {
            return Refused("certificate usage is not UTF-8");
        }

        VersionedAttestation? attestation = null;
        if (ReadAttestation(payloads) is { } evidence)
        {
            if (!evidence.Succeeded) return evidence.RefusedAs<RaTlsCertificate>();
            attestation = evidence.Value;
        }

        return new RaTlsCertificate
        {
            SubjectPublicKeyInfo = publicKey,
            AppId = payloads.TryGetValue(RaTlsOid.AppId, out var appId) ? (ReadOnlyMemory<byte>?)appId : null,
            Usage = usage,
            AppInfo = appInfo,
            Attestation = attestation,
        };
    }

    /// <summary>The unified extension where there is one, else the legacy pair, else nothing.</summary>
    private static Decoded<VersionedAttestation>? ReadAttestation(Dictionary<string, byte[]> payloads)
    {
        if (payloads.TryGetValue(RaTlsOid.Attestation, out var envelope)) return VersionedAttestation.Decode(envelope);
        if (!payloads.TryGetValue(RaTlsOid.Quote, out var quote)) return null;
        return payloads.TryGetValue(RaTlsOid.EventLog, out var eventLog)
            ? TdxAttestation.FromQuoteAndEventLog(quote, eventLog)
            : Decoded<VersionedAttestation>.Refused("TDX event log missing");
    }

    private static bool IsOurs(string oid) => oid is RaTlsOid.Quote or RaTlsOid.EventLog or RaTlsOid.AppId
        or RaTlsOid.CertificateUsage or RaTlsOid.Attestation or RaTlsOid.AppInfo;

    private static Decoded<byte[]> Unwrap(string oid, byte[] value)
    {
        if (value.Length > MaxExtensionLength)
        {
            return Decoded<byte[]>.Refused($"extension {oid} has {value.Length} bytes, at most {MaxExtensionLength}");
        }

        try
        {
            var payload = AsnDecoder.ReadOctetString(value, AsnEncodingRules.DER, out var consumed);
            return consumed == value.Length ? payload : Decoded<byte[]>.Refused($"extension {oid} has trailing bytes");
        }
        catch (AsnContentException)
        {
            return Decoded<byte[]>.Refused($"extension {oid} does not hold an OCTET STRING");
        }
    }

    private static Decoded<RaTlsCertificate> Refused(string error) => Decoded<RaTlsCertificate>.Refused(error);
}
