using System.Text;
using Broker.Attestation.Measurements;
using Broker.Attestation.SevSnp.Dstack;

namespace Broker.Fuzz.Targets;

/// <summary>What a dstack host says of an SEV-SNP launch: vm_config, application document, measured material.</summary>
internal sealed class SnpLaunchTarget : IFuzzTarget
{
    public string Name => "snp-launch";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds() =>
    [
        """{"os_image_hash":"aa","mr_config":"{}","sev_snp_measurement":"{}"}"""u8.ToArray(),
        """{"checksum_file":"","measurement":"","vcpus":1,"vcpu_type":"EPYC","guest_features":1}"""u8.ToArray(),
        .. Corpus.Files(Path.Combine("..", "snp", "dstack-launch"), "*.json"),
        .. Corpus.Files(Path.Combine("..", "snp", "genuine"), "*.json"),
        .. Corpus.Files(Path.Combine("..", "snp", "genuine"), "*.cbor"),
    ];

    public void Execute(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        DstackLaunch.Bind(text, new byte[48], new byte[32]);
        MrConfigDocument.Read(text, MrConfigId.DocumentDigest(text));
        SnpMeasurementDocument.Read(text);
        SnpImageMeasurement.Decode(new SnpMeasurementDocument([], input, 1, "EPYC", 1));
    }

    public long AllocationBound(int inputLength) => 512 * 1024 + (256L * inputLength);
}
