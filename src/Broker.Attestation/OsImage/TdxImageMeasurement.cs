using System.Formats.Cbor;
using Broker.Attestation.Codecs;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.OsImage;

/// <summary>
/// What the maker of an image measured, so that nobody has to download it (<c>measurement.tdx.cbor</c>):
/// <code>
/// { version: 3,
///   image: { cmdline_sha384, kernel_authenticode, initrd_sha384 },
///   tdvf:  { ovmf: "pre202505", mrtd: { single_pass, two_pass }, td_hob } }
/// </code>
/// Digests have 48 bytes; <c>td_hob</c> is a <see cref="TdHobWitness"/>.
/// </summary>
internal sealed record TdxImageMeasurement(
    byte[] CommandLine, byte[] Kernel, byte[] Initrd, byte[] MrTdSinglePass, byte[] MrTdTwoPass, byte[] TdHobWitness)
{
    /// <summary>The only layout of firmware events there is.</summary>
    public const string OvmfVariant = "pre202505";

    private const ulong Version = 3;
    private const int DigestLength = 48;

    public static Decoded<TdxImageMeasurement> Decode(ReadOnlySpan<byte> cbor)
    {
        var length = cbor.Length;
        var reader = new CborReader(cbor.ToArray(), CborConformanceMode.Strict);
        try
        {
            var measurement = Read(reader);
            return reader.BytesRemaining == 0 ? measurement : Refused("trailing bytes");
        }
        catch (FormatException unexpected)
        {
            return Refused(unexpected.Message);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            return Refused("not the CBOR that belongs there");
        }

        Decoded<TdxImageMeasurement> Refused(string reason) => Decoded<TdxImageMeasurement>.Refused(
            "failed to decode vm_config.tdx_measurement CBOR: "
            + $"{reason} at offset {length - reader.BytesRemaining}");
    }

    /// <summary>
    /// Exactly these keys in this order: the form in which the image's maker writes, and the only one whose hash can be
    /// the listed one. Nothing has an indefinite length.
    /// </summary>
    private static TdxImageMeasurement Read(CborReader reader)
    {
        CborMaps.ExpectMap(reader, 3);
        CborMaps.ExpectKey(reader, "version");
        if (reader.ReadUInt64() is var version and not Version)
            throw new FormatException($"version {version}, expected {Version}");

        CborMaps.ExpectKey(reader, "image");
        CborMaps.ExpectMap(reader, 3);
        var commandLine = ReadDigest(reader, "cmdline_sha384");
        var kernel = ReadDigest(reader, "kernel_authenticode");
        var initrd = ReadDigest(reader, "initrd_sha384");
        reader.ReadEndMap();

        CborMaps.ExpectKey(reader, "tdvf");
        CborMaps.ExpectMap(reader, 3);
        CborMaps.ExpectKey(reader, "ovmf");
        if (CborMaps.ReadText(reader) != OvmfVariant) throw new FormatException("unknown ovmf variant");
        CborMaps.ExpectKey(reader, "mrtd");
        CborMaps.ExpectMap(reader, 2);
        var singlePass = ReadDigest(reader, "single_pass");
        var twoPass = ReadDigest(reader, "two_pass");
        reader.ReadEndMap();
        CborMaps.ExpectKey(reader, "td_hob");
        var witness = reader.ReadDefiniteLengthByteString().ToArray();
        reader.ReadEndMap();
        reader.ReadEndMap();
        return new TdxImageMeasurement(commandLine, kernel, initrd, singlePass, twoPass, witness);
    }

    private static byte[] ReadDigest(CborReader reader, string key)
    {
        CborMaps.ExpectKey(reader, key);
        var digest = reader.ReadDefiniteLengthByteString();
        return digest.Length == DigestLength
            ? digest.ToArray()
            : throw new FormatException($"{key} of {digest.Length} bytes");
    }
}
