using System.Collections.Immutable;
using System.Text.Json;
using Broker.Attestation.Apps;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Measurements;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>The values of kms-protocol §6.6 and §11.8, byte for byte.</summary>
public class BootInfoTests
{
    [FixtureFact]
    public async Task Decodes_the_simulators_boot_info_in_both_views()
    {
        var verified = await SimulatorAsync();
        var expected = DstackFixtures.Json("simulator", "expected.json").GetProperty("derived");

        var full = verified.DecodeBootInfo("", MeasurementView.Full).Value.ShouldNotBeNull();
        ShouldBe(full, expected, "");
        // The envelope's config is a whole sys-config, which the reference does not unwrap here.
        full.OsImageHash.Length.ShouldBe(0);
        full.TcbStatus.ShouldBe("UpToDate");
        full.AdvisoryIds.ShouldBeEmpty();
        full.TeeVariant.ShouldBe("dstack-tdx");

        var boot = verified.DecodeBootInfo("", MeasurementView.BootTime).Value.ShouldNotBeNull();
        ShouldBe(boot, expected, "_boottime");
        boot.KeyProviderInfo.Length.ShouldBe(0);
        Convert.ToHexStringLower(verified.Events.Replay(MeasurementView.BootTime)).ShouldBe(
            DstackFixtures.KmsJson("synthetic", "vectors.json").Text("simulator_attestation", "rtmr3_boottime"));
    }

    [FixtureFact]
    public async Task The_requests_vm_config_wins_over_the_attestations()
    {
        var verified = await SimulatorAsync();
        var vmConfig = DstackFixtures.KmsJson("simulator", "sys-config.json").Text("vm_config");

        DstackFixtures.Hex(verified.DecodeBootInfo(vmConfig, MeasurementView.Full).Value!.OsImageHash)
            .ShouldBe("64f0d1545cd510a8dfed7ad609d105b5d41f0cb2afcfdda8867ede00c88add7a");
        verified.DecodeBootInfo("{", MeasurementView.Full).Error.ShouldNotBeNull()
            .ShouldStartWith("Failed to decode os image hash: Failed to parse vm config: ");
    }

    [FixtureFact]
    public void Unwraps_a_sys_config_only_when_asked()
    {
        var config = DstackFixtures.Attestation("simulator", "attestation_v0.bin").Config;

        VmConfig.Parse(config).Value!.OsImageHash.Length.ShouldBe(0);
        DstackFixtures.Hex(VmConfig.Parse(config, unwrapSysConfig: true).Value!.OsImageHash)
            .ShouldBe(DstackFixtures.Json("simulator", "expected.json").Text("vm_config_os_image_hash"));
    }

    [FixtureFact]
    public void Decodes_the_boot_info_of_the_lite_fixture()
    {
        var lite = Trusted(DstackFixtures.Attestation("verifier", "tdx-lite-attestation_v0.bin"));
        var expected = Verifier("tdx-lite-attestation");

        var full = lite.DecodeBootInfo("", MeasurementView.Full).Value.ShouldNotBeNull();
        ShouldBe(full, expected, "");
        DstackFixtures.Hex(full.OsImageHash)
            .ShouldBe("e6f5cfec20c02e7b97baa213d0f718020b55e040172d90ccbcb946d56c8b09db");
        ShouldBe(lite.DecodeBootInfo("", MeasurementView.BootTime).Value.ShouldNotBeNull(), expected, "_boottime");
    }

    [FixtureFact]
    public void Decodes_the_boot_info_of_the_legacy_fixture_and_of_near()
    {
        var report = DstackFixtures.Json("verifier", "quote-report.json");
        var legacy = Trusted(Legacy(report.Hex("quote"), report.Text("event_log")));
        ShouldBe(
            legacy.DecodeBootInfo(report.Text("vm_config"), MeasurementView.Full).Value.ShouldNotBeNull(),
            Verifier("quote-report"),
            "");

        var near = Trusted(Legacy(
            DstackFixtures.Bytes("near-mpc", "quote.bin"),
            DstackFixtures.Json("near-mpc", "tcb_info.json").GetProperty("event_log").GetRawText()));
        var expected = DstackFixtures.Json("near-mpc", "expected.json").GetProperty("derived");
        ShouldBe(near.DecodeBootInfo("", MeasurementView.Full).Value.ShouldNotBeNull(), expected, "");
        ShouldBe(near.DecodeBootInfo("", MeasurementView.BootTime).Value.ShouldNotBeNull(), expected, "_boottime");
    }

    [FixtureFact]
    public void Computes_the_vectors_of_the_formulas()
    {
        var vectors = DstackFixtures.Json("vectors", "mr_formulas.json");
        var inputs = vectors.GetProperty("inputs");
        var keyProvider = inputs.Hex("key_provider_info");
        TdReport Report(bool withConfig) => TdReport.Of(
            QuoteBodyType.TdReport10,
            (TdReportLayout.MrTd, inputs.Hex("mrtd")), (TdReportLayout.RtMr0, inputs.Hex("rtmr0")),
            (TdReportLayout.RtMr1, inputs.Hex("rtmr1")), (TdReportLayout.RtMr2, inputs.Hex("rtmr2")),
            (TdReportLayout.MrConfigId, withConfig ? inputs.Hex("mr_config_id") : new byte[48]));

        Convert.ToHexStringLower(TdMeasurements.MrKeyProvider(keyProvider)).ShouldBe(vectors.Text("mr_key_provider"));
        Convert.ToHexStringLower(TdMeasurements.MrSystem(Report(true), keyProvider))
            .ShouldBe(vectors.Text("mr_system"));
        Convert.ToHexStringLower(TdMeasurements.MrSystem(Report(true), []))
            .ShouldBe(vectors.Text("mr_system_without_key_provider"));
        Convert.ToHexStringLower(TdMeasurements.MrAggregated(Report(false), inputs.Hex("rtmr3")))
            .ShouldBe(vectors.Text("mr_aggregated_config_all_zero"));
        Convert.ToHexStringLower(TdMeasurements.MrAggregated(Report(true), inputs.Hex("rtmr3")))
            .ShouldBe(vectors.Text("mr_aggregated_with_config"));
    }

    [FixtureFact]
    public void Refuses_an_app_id_of_another_length()
    {
        var evidence = DstackFixtures.Attestation("simulator", "attestation_v0.bin") with { RuntimeEvents = [] };

        Trusted(evidence).DecodeBootInfo("", MeasurementView.Full).Error.ShouldBe("app_id must be 20 bytes");
    }

    [Fact]
    public void Writes_a_vm_config_as_the_reference_hashes_it()
    {
        const string minimal = "{\"os_image_hash\":\"\",\"cpu_count\":0,\"memory_size\":0,\"pci_hole64_size\":0,"
            + "\"hugepages\":false,"
            + "\"num_gpus\":0,\"num_nvswitches\":0,\"hotplug_off\":false,\"host_share_mode\":\"\"}";
        VmConfig.Parse("").Value!.Canonical().ShouldBe(minimal);
        VmConfig.Parse("{\"num_nics\":1,\"swtpm\":false,\"num_verity_volumes\":0,\"spec_version\":1,"
            + "\"tdx_attestation_variant\":\"legacy\"}").Value!.Canonical().ShouldBe(minimal);

        const string full = "{\"os_image_hash\":\"00ff\",\"cpu_count\":2,\"memory_size\":2147483648,"
            + "\"qemu_single_pass_add_pages\":false,"
            + "\"pic\":true,\"qemu_version\":\"8.2.2\",\"pci_hole64_size\":1,\"hugepages\":true,"
            + "\"num_gpus\":1,\"num_nvswitches\":2,"
            + "\"num_nics\":3,\"num_verity_volumes\":4,\"swtpm\":true,\"hotplug_off\":true,\"image\":\"dstack-0.6.0\","
            + "\"host_share_mode\":\"9p\",\"ovmf_variant\":\"pre202505\",\"tdx_attestation_variant\":\"lite\","
            + "\"tdx_measurement\":{\"checksum_file\":\"+/8=\",\"measurement\":\"AA==\"}}";
        VmConfig.Parse(full).Value!.Canonical().ShouldBe(full);
    }

    [Theory]
    [InlineData("{\"tdx_attestation_variant\":\"heavy\"}")]
    [InlineData("{\"os_image_hash\":\"zz\"}")]
    [InlineData("{\"os_image_hash\":\"../..\"}")]
    [InlineData("{\"cpu_count\":-1}")]
    [InlineData("{\"tdx_measurement\":{}}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"image\":\"\\ud800\"}")]
    public void Refuses_a_vm_config_that_is_none(string json)
        => VmConfig.Parse(json).Error.ShouldNotBeNull().ShouldStartWith("Failed to parse vm config: ");

    private static void ShouldBe(BootInfo boot, JsonElement expected, string view)
    {
        boot.AppId.ToString().ShouldBe(expected.Text("app_id"));
        boot.ComposeHash.ToString().ShouldBe(expected.Text("compose_hash"));
        boot.InstanceId.ToString().ShouldBe(expected.Text("instance_id"));
        boot.DeviceId.ToString().ShouldBe(expected.Text("device_id"));
        DstackFixtures.Hex(boot.MrSystem).ShouldBe(expected.Text("mr_system" + view));
        DstackFixtures.Hex(boot.MrAggregated).ShouldBe(expected.Text("mr_aggregated" + view));
        if (view.Length == 0)
        {
            System.Text.Encoding.UTF8.GetString(boot.KeyProviderInfo.Span).ShouldBe(expected.Text("key_provider_info"));
        }
    }

    private static JsonElement Verifier(string fixture)
        => DstackFixtures.Json("verifier", "expected.json")
            .GetProperty("cases").GetProperty(fixture).GetProperty("derived");

    private static async Task<VerifiedTdxAttestation> SimulatorAsync()
        => (await new CaseVerifier("r12_dstack_simulator_quote").JudgeAsync(
            DstackFixtures.Attestation("simulator", "attestation_v0.bin")))
            .ShouldBeOfType<VerifiedTdxAttestation>();

    private static TdxAttestation Legacy(byte[] quote, string eventLog)
        => TdxAttestation.FromQuoteAndEventLog(quote, System.Text.Encoding.UTF8.GetBytes(eventLog)).Value
            .ShouldBeOfType<TdxAttestation>();

    /// <summary>
    /// As if the quote had verified: for genuine evidence to which no collateral of its time was kept.
    /// </summary>
    internal static VerifiedTdxAttestation Trusted(TdxAttestation evidence)
    {
        var quote = evidence.Quote.Parsed.Quote.ShouldNotBeNull();
        var evaluation = new TcbEvaluation(
            TcbStatus.UpToDate, TcbStatus.UpToDate, null, TcbStatus.UpToDate, [], default);
        var verified = new VerifiedQuote
        {
            Quote = quote,
            Status = TcbStatus.UpToDate,
            AdvisoryIds = ImmutableArray<string>.Empty,
            TcbDate = default,
            Launch = evaluation,
            Platform = PckIdentities.Of(quote),
            ValidFrom = default,
            ValidUntil = default,
        };
        return new VerifiedTdxAttestation(
            evidence, verified, RuntimeEventLog.From(evidence.RuntimeEvents).Value.ShouldNotBeNull());
    }
}
