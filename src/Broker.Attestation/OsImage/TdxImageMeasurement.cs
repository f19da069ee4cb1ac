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
        var reader = new CborReader(cbor);
        reader.ExpectMap(3);
        reader.ExpectKey("version");
        var version = reader.ReadUnsigned();
        if (version != Version) reader.Fail($"version {version}, expected {Version}");

        reader.ExpectKey("image");
        reader.ExpectMap(3);
        var commandLine = ReadDigest(ref reader, "cmdline_sha384");
        var kernel = ReadDigest(ref reader, "kernel_authenticode");
        var initrd = ReadDigest(ref reader, "initrd_sha384");

        reader.ExpectKey("tdvf");
        reader.ExpectMap(3);
        reader.ExpectKey("ovmf");
        if (reader.ReadText() != OvmfVariant) reader.Fail("unknown ovmf variant");
        reader.ExpectKey("mrtd");
        reader.ExpectMap(2);
        var (singlePass, twoPass) = (ReadDigest(ref reader, "single_pass"), ReadDigest(ref reader, "two_pass"));
        reader.ExpectKey("td_hob");
        var witness = reader.ReadBytes();
        reader.ExpectEnd();
        return reader.Failure is { } failure
            ? Decoded<TdxImageMeasurement>.Refused($"failed to decode vm_config.tdx_measurement CBOR: {failure}")
            : new TdxImageMeasurement(commandLine, kernel, initrd, singlePass, twoPass, witness);
    }

    private static byte[] ReadDigest(ref CborReader reader, string key)
    {
        reader.ExpectKey(key);
        var digest = reader.ReadBytes();
        if (digest.Length != DigestLength) reader.Fail($"{key} of {digest.Length} bytes");
        return digest;
    }
}
