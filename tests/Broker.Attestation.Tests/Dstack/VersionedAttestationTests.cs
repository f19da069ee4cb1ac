using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.Tests.Dstack;

public class VersionedAttestationTests
{
    [FixtureTheory]
    [InlineData("simulator", "attestation_v0.bin")]
    [InlineData("simulator", "attestation_v0_stripped.bin")]
    [InlineData("simulator", "attestation_v0_patched_report_data.bin")]
    [InlineData("simulator", "attestation_v1_pod_patched.msgpack")]
    [InlineData("verifier", "tdx-lite-attestation_v0.bin")]
    public void Writes_again_what_it_read(string folder, string file)
    {
        var bytes = DstackFixtures.Bytes(folder, file);

        DstackFixtures.Decode(bytes).Encode().ShouldBe(bytes);
    }

    [FixtureFact]
    public void Writes_the_real_simulator_file_and_the_KMS_fixtures_again()
    {
        var real = DstackFixtures.KmsBytes("simulator", "attestation.bin");
        DstackFixtures.Decode(real).Encode().ShouldBe(real);

        var client = DstackFixtures.KmsBytes("synthetic", "ra-client.attestation.bin");
        DstackFixtures.Decode(client).Encode().ShouldBe(client);
    }

    [FixtureTheory]
    [InlineData("attestation_v1.msgpack")]
    [InlineData("attestation_v1_bin.msgpack")]
    public void Reads_both_byte_forms_of_V1_and_writes_the_array_form(string file)
    {
        var attestation = DstackFixtures.Attestation("simulator", file);

        MessagePackAttestation.Encode(attestation)
            .ShouldBe(DstackFixtures.Bytes("simulator", "attestation_v1.msgpack"));
        // Nothing in it needs V1, so V0 is what goes out.
        attestation.Encode().ShouldBe(DstackFixtures.Bytes("simulator", "attestation_v0.bin"));
    }

    [FixtureFact]
    public void V1_of_the_client_certificate_is_its_V0()
    {
        var v1 = DstackFixtures.Decode(DstackFixtures.KmsBytes("synthetic", "ra-client.attestation.v1.msgpack"));

        v1.Encode().ShouldBe(DstackFixtures.KmsBytes("synthetic", "ra-client.attestation.bin"));
    }

    [FixtureFact]
    public void Strips_for_a_certificate_as_the_reference_does()
    {
        var whole = DstackFixtures.Attestation("simulator", "attestation_v0.bin");
        // The fixture's maker dropped the ACPI data as well; the reference keeps it (kms-protocol §5.5).
        var withoutAcpi = whole with
        {
            EventLog = new TdxEventLog(whole.EventLog.Events.Where(entry => !entry.IsAcpiData).ToList()),
        };

        withoutAcpi.StrippedForCertificate().Encode()
            .ShouldBe(DstackFixtures.Bytes("simulator", "attestation_v0_stripped.bin"));
        whole.StrippedForCertificate().EventLog.Events.Count(entry => entry.IsAcpiData).ShouldBe(3);
        whole.StrippedForCertificate().EventLog.Events.Where(entry => entry.IsAcpiData)
            .ShouldAllBe(entry => entry.Digest.Length == 48);
    }

    [FixtureFact]
    public void Stripping_twice_changes_nothing_more()
    {
        var lite = DstackFixtures.Bytes("verifier", "tdx-lite-attestation_v0.bin");

        DstackFixtures.Decode(lite).StrippedForCertificate().Encode().ShouldBe(lite);
    }

    [FixtureTheory]
    [InlineData("attestation_v0_trailing.bin", "trailing")]
    [InlineData("attestation_v0_truncated.bin", "552 bytes left")]
    [InlineData("attestation_v1_trailing.msgpack", "trailing")]
    public void Refuses_bytes_that_do_not_end_where_the_envelope_does(string file, string reason)
    {
        var decoded = VersionedAttestation.Decode(DstackFixtures.Bytes("simulator", file));

        decoded.Succeeded.ShouldBeFalse();
        decoded.Error.ShouldContain(reason);
    }

    [FixtureTheory]
    [InlineData("simulator", "attestation_v0.bin")]
    [InlineData("simulator", "attestation_v1_pod_patched.msgpack")]
    public void Refuses_what_ends_early_wherever_it_ends(string folder, string file)
    {
        var bytes = DstackFixtures.Bytes(folder, file);
        for (var length = 0; length < bytes.Length; length += 1 + (length % 23))
        {
            VersionedAttestation.Decode(bytes.AsSpan(0, length)).Succeeded.ShouldBeFalse($"{length} bytes");
        }
    }

    [Theory]
    [InlineData("", "Empty attestation bytes")]
    [InlineData("01", "Unknown attestation wire format")]
    [InlineData("a0", "Unknown attestation wire format")]
    [InlineData("90", "Unknown attestation wire format")]
    [InlineData("0009", "unknown quote variant 9")]
    [InlineData("81a776657273696f6e02", "unsupported attestation version: expected 1, got 2")]
    public void Says_what_is_wrong_with_other_bytes(string hex, string error)
        => VersionedAttestation.Decode(Convert.FromHexString(hex)).Error.ShouldNotBeNull().ShouldContain(error);

    [Theory]
    [InlineData("0001", "dstack-gcp-tdx")]
    [InlineData("0002", "dstack-nitro-enclave")]
    [InlineData("0004", "dstack-aws-nitro-tpm")]
    [InlineData("82a776657273696f6e01a8706c6174666f726d82a46b696e64a76763702d746478a46461746180", "dstack-gcp-tdx")]
    [InlineData("82a776657273696f6e01a8706c6174666f726d82a464617461c0a46b696e64a7736576", "")]
    public void Names_the_platform_that_it_does_not_verify(string hex, string platform)
    {
        var decoded = VersionedAttestation.Decode(Convert.FromHexString(hex));

        decoded.Succeeded.ShouldBeFalse();
        if (platform.Length > 0) decoded.Error.ShouldStartWith($"unsupported attestation platform: {platform} ");
    }

    [FixtureFact]
    public void Recognises_genuine_documents_of_AMD_and_Nitro()
    {
        var amd = DstackFixtures.KmsJson("verifier", "sev-snp-attestation.json").Hex("attestation");
        VersionedAttestation.Decode(amd).Value.ShouldBeOfType<SnpAttestation>().Report.Length.ShouldBe(1184);

        var nitro = DstackFixtures.KmsBytes("verifier", "nitro_attestation.bin");
        VersionedAttestation.Decode(nitro).Error.ShouldNotBeNull().ShouldContain("dstack-nitro-enclave");
    }

    [Fact]
    public void Refuses_an_envelope_above_its_bound()
        => VersionedAttestation.Decode(new byte[VersionedAttestation.MaxLength + 1]).Error
            .ShouldNotBeNull().ShouldContain("too large");

    [Fact]
    public void Refuses_a_declared_length_that_the_input_cannot_hold()
    {
        // 2^30 - 1 bytes of quote, declared in four bytes.
        byte[] bytes = [0, 0, 0xfe, 0xff, 0xff, 0xff, 1, 2, 3];

        var before = GC.GetAllocatedBytesForCurrentThread();
        VersionedAttestation.Decode(bytes).Succeeded.ShouldBeFalse();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 * 1024);
    }

    [FixtureFact]
    public void Makes_an_attestation_from_a_quote_and_a_JSON_log()
    {
        var report = DstackFixtures.Json("verifier", "quote-report.json");
        var decoded = TdxAttestation.FromQuoteAndEventLog(
            report.Hex("quote"), System.Text.Encoding.UTF8.GetBytes(report.Text("event_log")));

        decoded.Error.ShouldBeNull();
        decoded.Value!.Config.ShouldBe("");
        decoded.Value.RuntimeEvents.Count.ShouldBe(8);
        DstackFixtures.Hex(decoded.Value.ReportData).ShouldBe(report.Text("report_data"));
    }

    [FixtureFact]
    public void Names_the_event_log_when_a_legacy_one_does_not_parse()
    {
        var quote = DstackFixtures.Json("verifier", "quote-report.json").Hex("quote");

        TdxAttestation.FromQuoteAndEventLog(quote, "{}"u8.ToArray()).Error.ShouldNotBeNull()
            .ShouldStartWith("Failed to parse tdx_event_log");
    }
}
