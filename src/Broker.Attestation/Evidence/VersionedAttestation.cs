using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;

namespace Broker.Attestation.Evidence;

/// <summary>
/// dstack's attestation envelope: what a platform signed, together with what is needed to understand it. Nothing in it
/// is believed before <see cref="AttestationVerifier"/> has looked at it.
/// <para>
/// The bytes (kms-protocol §5.4) start with 0x00 for the SCALE form V0 or with a MessagePack map for V1; both must be
/// consumed to the last byte. A document of a platform that is not verified here is recognised and refused by its name.
/// </para>
/// </summary>
/// <param name="RuntimeEvents">What the guest noted about itself since it started.</param>
/// <param name="ReportData">64 bytes, to be equal to those that the platform signed.</param>
/// <param name="Config">JSON text: a vm_config, a sys-config that holds one as a string, or nothing.</param>
/// <param name="ReportDataPayload">For <c>dstack-pod</c>: the text that <paramref name="ReportData"/> is bound
/// to.</param>
public abstract record VersionedAttestation(
    IReadOnlyList<RuntimeEvent> RuntimeEvents,
    ReadOnlyMemory<byte> ReportData,
    string Config,
    string? ReportDataPayload)
{
    /// <summary>The bound on an envelope, whatever carries it.</summary>
    public const int MaxLength = 10 * 1024 * 1024;

    public const int ReportDataLength = 64;

    /// <summary>Reads either form; the first byte decides which.</summary>
    public static Decoded<VersionedAttestation> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return Decoded<VersionedAttestation>.Refused("Empty attestation bytes");
        if (bytes.Length > MaxLength)
        {
            return Decoded<VersionedAttestation>.Refused(
                $"attestation bytes too large: {bytes.Length} bytes, at most {MaxLength}");
        }

        return bytes[0] switch
        {
            ScaleAttestation.Version => ScaleAttestation.Decode(bytes),
            >= 0x80 and <= 0x8f or 0xde or 0xdf => MessagePackAttestation.Decode(bytes),
            _ => Decoded<VersionedAttestation>.Refused("Unknown attestation wire format"),
        };
    }

    /// <summary>The bytes as dstack would write them: V0, unless something in here exists in V1 only.</summary>
    public byte[] Encode() => NeedsMessagePack ? MessagePackAttestation.Encode(this) : ScaleAttestation.Encode(this);

    /// <summary>The same evidence without what a certificate has no room for.</summary>
    public abstract VersionedAttestation StrippedForCertificate();

    private protected virtual bool NeedsMessagePack
        => ReportDataPayload is not null || RuntimeEvents.Any(entry => entry.Version != EventDigestVersion.V1);
}
