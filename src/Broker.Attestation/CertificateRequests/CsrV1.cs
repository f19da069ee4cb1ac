using Broker.Attestation.Codecs;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.CertificateRequests;

/// <summary>
/// The older request of <c>SignCert</c>: a SCALE structure, not PKCS#10, with a raw quote and a JSON event log.
/// </summary>
/// <param name="Confirm">Has to be <see cref="CsrSignature.ConfirmWord"/>.</param>
/// <param name="PublicKey">DER SubjectPublicKeyInfo.</param>
public sealed record CsrV1(
    string Confirm,
    ReadOnlyMemory<byte> PublicKey,
    CsrConfig Config,
    ReadOnlyMemory<byte> Quote,
    ReadOnlyMemory<byte> EventLog)
{
    public static Decoded<CsrV1> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > VersionedAttestation.MaxLength)
        {
            return Decoded<CsrV1>.Refused($"csr too large: {bytes.Length} bytes");
        }

        var reader = new ScaleReader(bytes);
        var csr = new CsrV1(
            reader.ReadString(),
            reader.ReadBytes(),
            CsrConfig.ReadV1(ref reader),
            reader.ReadBytes(),
            reader.ReadBytes());
        reader.ExpectEnd();
        return reader.Failure is { } failure ? Decoded<CsrV1>.Refused(failure) : csr;
    }

    public byte[] Encode()
    {
        var writer = new ScaleWriter();
        writer.WriteString(Confirm);
        writer.WriteBytes(PublicKey.Span);
        Config.WriteV1(writer);
        writer.WriteBytes(Quote.Span);
        writer.WriteBytes(EventLog.Span);
        return writer.ToArray();
    }

    /// <summary>
    /// The same wish with quote and log as an attestation. Ask after the signature was verified, over these bytes.
    /// </summary>
    public Decoded<CsrV2> Upgrade()
    {
        var attestation = TdxAttestation.FromQuoteAndEventLog(Quote, EventLog);
        return attestation.Succeeded
            ? new CsrV2(Confirm, PublicKey, Config, attestation.Value)
            : attestation.RefusedAs<CsrV2>();
    }
}
