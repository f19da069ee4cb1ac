using System.Text;
using Broker.Attestation.Evidence;
using Broker.Attestation.OsImage;
using Broker.Attestation.VirtualMachine;

namespace Broker.Fuzz.Targets;

/// <summary>What an image's maker measured, in CBOR, and the witness of its memory layout within.</summary>
internal sealed class ImageMeasurementTarget : IFuzzTarget
{
    public string Name => "image-measurement";

    public int Weight => 30;

    public IEnumerable<byte[]> Seeds()
    {
        yield return Made();
        foreach (var envelope in Corpus.Files(Path.Combine("dstack", "verifier"), "*lite*.bin"))
        {
            if (VersionedAttestation.Decode(envelope).Value is { } evidence
                && VmConfig.Parse(evidence.Config, unwrapSysConfig: true).Value?.TdxMeasurement is { } measured)
            {
                yield return measured.Measurement;
            }
        }
    }

    public void Execute(byte[] input)
    {
        if (TdxImageMeasurement.Decode(input) is not { Succeeded: true, Value: { } measured }) return;
        if (TdHobWitness.Decode(measured.TdHobWitness) is { Succeeded: true, Value: { } layout })
            TdHob.Measure(layout, 4294967296);
    }

    public long AllocationBound(int inputLength) => (256 * 1024) + (64L * inputLength);

    private static byte[] Made()
    {
        byte[] digest = [0x58, 48, .. new byte[48]];
        return
        [
            0xa3, .. Text("version"), 3,
            .. Text("image"), 0xa3, .. Text("cmdline_sha384"), .. digest, .. Text("kernel_authenticode"), .. digest,
            .. Text("initrd_sha384"), .. digest,
            .. Text("tdvf"), 0xa3, .. Text("ovmf"), .. Text("pre202505"),
            .. Text("mrtd"), 0xa2, .. Text("single_pass"), .. digest, .. Text("two_pass"), .. digest,
            .. Text("td_hob"), 0x46, 0x80, 0x10, 9, 1, 0, 6,
        ];
    }

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];
}
