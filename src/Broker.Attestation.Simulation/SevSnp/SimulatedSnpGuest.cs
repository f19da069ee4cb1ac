using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Attestation.Evidence;
using Broker.Attestation.Measurements;
using Broker.Attestation.SevSnp.Launch;

namespace Broker.Attestation.Simulation.SevSnp;

/// <summary>
/// A dstack guest on a simulated SEV-SNP machine: its image, its application document and its vm_config fit together
/// and to every report, as they do in a real guest.
/// </summary>
public sealed class SimulatedSnpGuest
{
    private const string RootFs = "dstack.rootfs_hash=0000000000000000000000000000000000000000000000000000000000000000";
    private const int Processors = 2;
    private const string ProcessorModel = "EPYC-v4";

    private readonly SimulatedSnpMachine _machine;
    private readonly byte[] _hostData;
    private readonly byte[] _measurement;

    /// <param name="appId">20 bytes.</param>
    /// <param name="composeHash">32 bytes.</param>
    /// <param name="instanceId">20 bytes.</param>
    public SimulatedSnpGuest(
        SimulatedSnpMachine machine, ReadOnlySpan<byte> appId, ReadOnlySpan<byte> composeHash,
        ReadOnlySpan<byte> instanceId)
    {
        _machine = machine;
        MrConfig = new JsonObject
        {
            ["app_id"] = Convert.ToHexStringLower(appId),
            ["compose_hash"] = Convert.ToHexStringLower(composeHash),
            ["instance_id"] = Convert.ToHexStringLower(instanceId),
            ["key_provider"] = "kms",
            ["version"] = 3,
        }.ToJsonString();
        _hostData = MrConfigId.DocumentDigest(MrConfig);

        var launch = Launch();
        _measurement = LaunchMeasurement.Compute(launch).Value!;
        var material = Material(launch);
        var checksums = Encoding.ASCII.GetBytes(
            $"{Convert.ToHexStringLower(SHA256.HashData(material))}  measurement.snp.cbor\n");
        OsImageHash = SHA256.HashData(checksums);
        VmConfig = VmConfigFor(Processors, checksums, material);
        OtherVmConfig = VmConfigFor(Processors + 1, checksums, material);
    }

    public byte[] OsImageHash { get; }

    /// <summary>The application document, whose hash is HOST_DATA.</summary>
    public string MrConfig { get; }

    /// <summary>JSON text that the host gave the guest.</summary>
    public string VmConfig { get; }

    /// <summary>The vm_config of a machine with one processor more: it fits no report of this guest.</summary>
    public string OtherVmConfig { get; }

    /// <summary>The envelope that the guest's agent gives.</summary>
    /// <param name="withCertificates">Whether the host gave the guest its certificates.</param>
    public SnpAttestation Attest(ReadOnlyMemory<byte> reportData, bool withCertificates = true) => new(
        _machine.Report(reportData.Span, _hostData, _measurement),
        withCertificates ? [_machine.Intermediate, _machine.Vcek] : [],
        MrConfig, [], reportData, VmConfig);

    private static LaunchInputs Launch() => new()
    {
        OvmfHash = SHA384.HashData("simulated firmware"u8),
        KernelHash = SHA256.HashData("simulated kernel"u8),
        InitrdHash = SHA256.HashData("simulated initrd"u8),
        CommandLine = $"console=ttyS0 {RootFs}",
        HashesTableGpa = 0x810c00,
        ResetEip = 0x80b004,
        Sections =
        [
            new OvmfSection(0x800000, 0x9000, OvmfSection.SecMemory),
            new OvmfSection(0x80d000, 0x1000, OvmfSection.Secrets),
            new OvmfSection(0x80e000, 0x1000, OvmfSection.Cpuid),
            new OvmfSection(0x810000, 0x1000, OvmfSection.KernelHashes),
        ],
        Processors = Processors,
        ProcessorModel = ProcessorModel,
        GuestFeatures = 1,
    };

    private static byte[] Material(LaunchInputs launch)
    {
        var cbor = new CborWriter();
        cbor.WriteStartMap(8);
        Write(cbor, "version", 3);
        cbor.WriteTextString("cmdline");
        cbor.WriteTextString(launch.CommandLine);
        Write(cbor, "ovmf_hash", launch.OvmfHash);
        Write(cbor, "kernel_hash", launch.KernelHash);
        Write(cbor, "initrd_hash", launch.InitrdHash);
        Write(cbor, "hashes_table_gpa", launch.HashesTableGpa);
        Write(cbor, "reset_eip", launch.ResetEip);
        cbor.WriteTextString("ovmf_sections");
        cbor.WriteStartArray(launch.Sections.Count);
        foreach (var section in launch.Sections)
        {
            cbor.WriteStartMap(3);
            Write(cbor, "gpa", section.Gpa);
            Write(cbor, "size", section.Size);
            Write(cbor, "type", section.Type);
            cbor.WriteEndMap();
        }

        cbor.WriteEndArray();
        cbor.WriteEndMap();
        return cbor.Encode();
    }

    private static void Write(CborWriter cbor, string key, ulong value)
    {
        cbor.WriteTextString(key);
        cbor.WriteUInt64(value);
    }

    private static void Write(CborWriter cbor, string key, ReadOnlyMemory<byte> value)
    {
        cbor.WriteTextString(key);
        cbor.WriteByteString(value.Span);
    }

    private string VmConfigFor(int processors, byte[] checksums, byte[] material) => new JsonObject
    {
        ["os_image_hash"] = Convert.ToHexStringLower(OsImageHash),
        ["mr_config"] = MrConfig,
        ["sev_snp_measurement"] = new JsonObject
        {
            ["checksum_file"] = Convert.ToBase64String(checksums),
            ["measurement"] = Convert.ToBase64String(material),
            ["vcpus"] = processors,
            ["vcpu_type"] = ProcessorModel,
            ["guest_features"] = 1,
        }.ToJsonString(),
    }.ToJsonString();
}
