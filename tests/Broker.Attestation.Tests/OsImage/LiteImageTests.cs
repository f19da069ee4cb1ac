using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.OsImage;
using Broker.Attestation.Tests.Dstack;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Tests.OsImage;

/// <summary>The check without a download, on the genuine lite machine.</summary>
public class LiteImageTests
{
    private static readonly string[] Registers = ["mrtd", "rtmr0", "rtmr1", "rtmr2"];

    [FixtureFact]
    public void Computes_every_register_of_the_genuine_machine()
    {
        var evidence = Evidence();
        var verdict = Verify(evidence, evidence.Config);

        verdict.Refusal.ShouldBeNull();
        var expected = Expected().GetProperty("result");
        verdict.Registers.Select(register => register.Register.ToLowerInvariant()).ShouldBe(Registers);
        foreach (var register in verdict.Registers)
        {
            register.State.ShouldBe(RegisterState.Matches);
            DstackFixtures.Hex(register.Expected!.Value).ShouldBe(expected.Text(register.Register.ToLowerInvariant()));
        }

        verdict.Registers[1].Basis.ShouldContain("not verified");
    }

    [FixtureFact]
    public void Rebuilds_the_hand_off_block_byte_for_byte()
    {
        var intermediate = Expected().GetProperty("intermediate");
        var layout = TdHobWitness.Decode(intermediate.Hex("doc", "tdvf", "td_hob")).Value.ShouldNotBeNull();

        var hob = TdHob.Build(layout, 0x8000_0000);
        Convert.ToHexStringLower(hob).ShouldBe(intermediate.Text("td_hob"));
        Convert.ToHexStringLower(SHA384.HashData(hob)).ShouldBe(intermediate.GetProperty("rtmr0_log")[0].GetString());
    }

    [FixtureFact]
    public void Refuses_a_machine_whose_memory_nobody_measured()
    {
        var evidence = Evidence();
        foreach (var size in new[] { 0UL, 0x8000_1000, 0xAFFF_F000 })
        {
            Verify(evidence, With(evidence.Config, config => config["memory_size"] = size)).Refusal
                .ShouldNotBeNull().ShouldContain("requires memory_size == 2147483648 bytes");
        }
    }

    [FixtureFact]
    public void Another_size_of_memory_gives_another_RTMR0_and_nothing_else()
    {
        var evidence = Evidence();
        var verdict = Verify(evidence, With(evidence.Config, config => config["memory_size"] = 0x1_0000_0000UL));

        verdict.Refusal.ShouldNotBeNull().ShouldStartWith("MRs do not match: RTMR0 mismatch: expected=");
        verdict.Registers.Where(register => register.State == RegisterState.Differs).ShouldHaveSingleItem()
            .Register.ShouldBe("RTMR0");
    }

    [FixtureFact]
    public void Another_QEMU_gives_the_other_MRTD()
    {
        var evidence = Evidence();

        Verify(evidence, With(evidence.Config, config => config["qemu_version"] = "9.1.0")).Refusal
            .ShouldNotBeNull().ShouldStartWith("MRs do not match: MRTD mismatch: expected=a6f2ac9451810686");
        Verify(evidence, With(evidence.Config, config =>
        {
            config["qemu_version"] = "9.1.0";
            config["qemu_single_pass_add_pages"] = true;
        })).Verified.ShouldBeTrue();
        foreach (var version in new[] { "7.2.0", "8", "8.2.2.1", "eight", "+9.2.1", "9. 2.1", "9.2.1 " })
        {
            Verify(evidence, With(evidence.Config, config => config["qemu_version"] = version)).Refusal
                .ShouldBe($"unsupported QEMU version {version}");
        }
    }

    [FixtureFact]
    public void Refuses_measurements_that_the_images_hash_does_not_cover()
    {
        var evidence = Evidence();

        Verify(evidence, With(evidence.Config, config => config["os_image_hash"] = new string('0', 64))).Refusal
            .ShouldNotBeNull()
            .ShouldStartWith("tdx lite measurement material does not match os_image_hash: os_image_hash mismatch");
        Verify(evidence, With(evidence.Config, config => config["tdx_measurement"]!["measurement"] = "AAAA")).Refusal
            .ShouldNotBeNull().ShouldContain("measurement.tdx.cbor hash mismatch");
        Verify(evidence, With(evidence.Config, config => config["ovmf_variant"] = "post202505")).Refusal
            .ShouldNotBeNull().ShouldContain("ovmf_variant mismatch");
        Verify(evidence, With(evidence.Config, config => config.Remove("tdx_measurement"))).Refusal
            .ShouldBe("tdx lite attestation requires vm_config.tdx_measurement");
    }

    [FixtureFact]
    public void Refuses_ACPI_digests_that_are_not_three_by_name()
    {
        var evidence = Evidence();
        TdxAttestation With(Func<TdxEvent, TdxEvent> change)
            => evidence with { EventLog = new TdxEventLog([.. evidence.EventLog.Events.Select(change)]) };
        const string missing = "TDX lite attestation is missing named RTMR0 ACPI DATA digests: ";

        Verify(With(entry => entry with { Name = entry.IsAcpiData ? "" : entry.Name }), evidence.Config).Refusal
            .ShouldBe($"{missing}TDX lite attestation requires exactly one RTMR0 ACPI DATA event named acpi-loader");
        Verify(With(entry => entry with { Imr = entry.Name == "acpi-rsdp" ? 1 : entry.Imr }), evidence.Config).Refusal
            .ShouldBe($"{missing}TDX lite attestation requires exactly 3 RTMR0 ACPI DATA events; found 2 candidates");
        TdxAttestation WithDigest(string name, byte[] digest)
            => With(entry => entry with { Digest = entry.Name == name ? digest : entry.Digest });
        Verify(WithDigest("acpi-rsdp", new byte[32]), evidence.Config).Refusal
            .ShouldBe($"{missing}TDX RTMR0 ACPI DATA event acpi-rsdp has invalid digest length 32, expected 48");
        Verify(WithDigest("acpi-tables", new byte[48]), evidence.Config).Refusal
            .ShouldNotBeNull().ShouldStartWith("MRs do not match: RTMR0 mismatch");
    }

    [FixtureFact]
    public void Refuses_a_measurement_that_does_not_parse_to_its_end()
    {
        var cbor = VmConfig.Parse(Evidence().Config).Value!.TdxMeasurement!.Measurement;

        TdxImageMeasurement.Decode(cbor).Succeeded.ShouldBeTrue();
        for (var length = 0; length < cbor.Length; length++)
        {
            TdxImageMeasurement.Decode(cbor.AsSpan(0, length)).Succeeded.ShouldBeFalse();
        }

        TdxImageMeasurement.Decode([.. cbor, 0]).Error.ShouldNotBeNull().ShouldContain("trailing bytes");
        TdxImageMeasurement.Decode([0xbf, .. cbor[1..], 0xff]).Error.ShouldNotBeNull();

        // RFC 8949 §3.2.3: a byte string or a text may come in chunks; the maker of the image writes none so.
        var witness = cbor.AsSpan().IndexOf("td_hob"u8) + "td_hob"u8.Length;
        TdxImageMeasurement.Decode([.. cbor[..witness], 0x5f, .. cbor[witness..], 0xff]).Error.ShouldNotBeNull();
        TdxImageMeasurement.Decode([cbor[0], 0x7f, .. cbor[1..9], 0xff, .. cbor[9..]]).Error.ShouldNotBeNull();

        // §3.1: the bytes are not there, whatever the length says.
        TdxImageMeasurement.Decode([.. cbor[..witness], 0x5b, 0x7f, .. Enumerable.Repeat<byte>(0xff, 7)]).Error
            .ShouldNotBeNull();
    }

    [Theory]
    [InlineData("", "truncated")]
    [InlineData("80", "truncated")]
    [InlineData("801009", "truncated")]
    [InlineData("80100900", "0 ranges")]
    [InlineData("801009ff7f", "ranges")]
    [InlineData("8010090100", "truncated")]
    [InlineData("80100901000600", "trailing")]
    [InlineData("801009010000", "empty or overlap")]
    [InlineData("8010090200060504", "empty or overlap")]
    [InlineData("ffffffffffffffffff01", "truncated")]
    public void Says_what_is_wrong_with_a_witness(string hex, string error)
        => TdHobWitness.Decode(Convert.FromHexString(hex)).Error.ShouldNotBeNull().ShouldContain(error);

    private static System.Text.Json.JsonElement Expected()
        => DstackFixtures.Json("verifier", "expected.json")
            .GetProperty("cases").GetProperty("tdx-lite-getquote").GetProperty("tdx_lite");

    private static TdxAttestation Evidence()
        => DstackFixtures.Attestation("verifier", "tdx-lite-attestation_v0.bin");

    private static string With(string config, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(config)!.AsObject();
        change(json);
        return json.ToJsonString();
    }

    private static OsImageVerdict Verify(TdxAttestation evidence, string config) => LiteImageCheck.Verify(
        evidence.Quote.Parsed.Quote!.TdReport!,
        evidence.EventLog,
        VmConfig.Parse(config).Value.ShouldNotBeNull());
}
