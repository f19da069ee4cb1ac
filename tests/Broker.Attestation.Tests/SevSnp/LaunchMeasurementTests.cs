using System.Text.Json;
using Broker.Attestation.SevSnp.Launch;

namespace Broker.Attestation.Tests.SevSnp;

public class LaunchMeasurementTests
{
    private static readonly LaunchInputs Ordinary = new()
    {
        OvmfHash = new byte[48],
        KernelHash = new byte[32],
        InitrdHash = new byte[32],
        CommandLine = "console=ttyS0",
        HashesTableGpa = 0x810c00,
        ResetEip = 0x80b004,
        Sections = [new OvmfSection(0x810000, 0x1000, OvmfSection.KernelHashes)],
        Processors = 1,
        ProcessorModel = "EPYC-v4",
        GuestFeatures = 1,
    };

    public static TheoryData<string> Ids => [.. SnpCases.Ids("launch_vectors")];

    /// <summary>The first vector is what hardware measured, the second dstack's own test value.</summary>
    [FixtureTheory, MemberData(nameof(Ids))]
    public void Measures_as_the_manifest_says(string id)
    {
        var vector = SnpCases.Find("launch_vectors", id);

        var measured = LaunchMeasurement.Compute(Inputs(vector.GetProperty("inputs")));

        measured.Succeeded.ShouldBeTrue(measured.Refusal?.ToString());
        Convert.ToHexStringLower(measured.Value!).ShouldBe(vector.GetProperty("measurement").GetString());
    }

    [FixtureFact]
    public void Leaves_no_vector_out() => SnpCases.Ids("launch_vectors").Count().ShouldBe(8);

    /// <summary>The bound is on all sections together; the most that is accepted takes a tenth of a second.</summary>
    [Fact]
    public void Measures_up_to_the_bound_of_pages_and_nothing_above_it()
    {
        var most = LaunchInputs.MaxPages * 4096;
        LaunchInputs With(params OvmfSection[] sections)
            => Ordinary with { Sections = [.. Ordinary.Sections, .. sections] };

        LaunchMeasurement.Compute(With(new OvmfSection(0x1000, most - 0x1000, 1))).Succeeded.ShouldBeTrue();
        CodeOf(With(new OvmfSection(0x1000, most, 1))).ShouldBe("LAUNCH_INPUTS");
        CodeOf(With(new OvmfSection(0x1000, most / 2, 1), new OvmfSection(0x1000, most / 2, 4)))
            .ShouldBe("LAUNCH_INPUTS");
        CodeOf(With(new OvmfSection(0x1000, ulong.MaxValue - 0xfff, 1))).ShouldBe("LAUNCH_INPUTS");
        CodeOf(With([.. Enumerable.Repeat(new OvmfSection(0x1000, 1UL << 63, 1), 2)])).ShouldBe("LAUNCH_INPUTS");
    }

    [Fact]
    public void Refuses_what_no_machine_is_started_with()
    {
        foreach (var wrong in (LaunchInputs[])
            [
                Ordinary with { Processors = 0 }, Ordinary with { Processors = 513 },
                Ordinary with { ProcessorModel = "host" }, Ordinary with { ProcessorModel = null },
                Ordinary with { GuestFeatures = 0 }, Ordinary with { ResetEip = 0 },
                Ordinary with { ResetEip = 1UL << 32 }, Ordinary with { HashesTableGpa = 0 },
                Ordinary with { HashesTableGpa = 0x810f51 }, Ordinary with { Sections = [] },
                Ordinary with { Sections = [.. Enumerable.Repeat(Ordinary.Sections[0], 65)] },
                Ordinary with { OvmfHash = new byte[32] }, Ordinary with { KernelHash = new byte[48] },
                Ordinary with { InitrdHash = default },
            ])
        {
            CodeOf(wrong).ShouldBe("LAUNCH_INPUTS", wrong.ToString());
        }
    }

    private static string CodeOf(LaunchInputs inputs) => LaunchMeasurement.Compute(inputs).Refusal?.Code ?? "measured";

    private static LaunchInputs Inputs(JsonElement inputs) => new()
    {
        OvmfHash = Hex(inputs, "ovmf_hash"),
        KernelHash = Hex(inputs, "kernel_hash"),
        InitrdHash = Hex(inputs, "initrd_hash"),
        CommandLine = inputs.GetProperty("cmdline").GetString()!,
        HashesTableGpa = inputs.GetProperty("hashes_table_gpa").GetUInt64(),
        ResetEip = inputs.GetProperty("reset_eip").GetUInt64(),
        Sections =
        [
            .. inputs.GetProperty("ovmf_sections").EnumerateArray().Select(section => new OvmfSection(
                section.GetProperty("gpa").GetUInt64(), section.GetProperty("size").GetUInt64(),
                section.GetProperty("type").GetUInt64())),
        ],
        Processors = inputs.GetProperty("vcpus").GetInt64(),
        ProcessorModel = inputs.GetProperty("vcpu_type").GetString(),
        GuestFeatures = inputs.GetProperty("guest_features").GetUInt64(),
    };

    private static byte[] Hex(JsonElement inputs, string name)
        => Convert.FromHexString(inputs.GetProperty(name).GetString()!);
}
