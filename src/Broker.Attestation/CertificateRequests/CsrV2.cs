using Broker.Attestation.Codecs;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.CertificateRequests;

/// <summary>
/// The request of <c>SignCert</c>: a SCALE structure, not PKCS#10, that ends with an attestation envelope.
/// </summary>
/// <param name="Confirm">Has to be <see cref="CsrSignature.ConfirmWord"/>.</param>
/// <param name="PublicKey">DER SubjectPublicKeyInfo.</param>
/// <param name="Attestation">Takes all bytes that are left, without a length of its own.</param>
public sealed record CsrV2(
    string Confirm,
    ReadOnlyMemory<byte> PublicKey,
    CsrConfig Config,
    VersionedAttestation Attestation)
{
    // The envelope's own bound, and as much again for names and key as any request needs.
    private const int MaxLength = VersionedAttestation.MaxLength + (64 * 1024);

    public static Decoded<CsrV2> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxLength) return Decoded<CsrV2>.Refused($"csr too large: {bytes.Length} bytes");
        var reader = new ScaleReader(bytes);
        var (confirm, publicKey, config) = (reader.ReadString(), reader.ReadBytes(), CsrConfig.ReadV2(ref reader));
        var envelope = reader.ReadRest();
        if (reader.Failure is { } failure) return Decoded<CsrV2>.Refused(failure);

        var attestation = VersionedAttestation.Decode(envelope);
        return attestation.Succeeded
            ? new CsrV2(confirm, publicKey, config, attestation.Value)
            : attestation.RefusedAs<CsrV2>();
    }

    public byte[] Encode()
    {
        var writer = new ScaleWriter();
        writer.WriteString(Confirm);
        writer.WriteBytes(PublicKey.Span);
        Config.WriteV2(writer);
        writer.WriteFixed(Attestation.Encode());
        return writer.ToArray();
    }
}
