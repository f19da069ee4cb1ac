using Broker.Attestation.Collateral;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Verification;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.SevSnp;

/// <summary>The envelope of a genuine dstack machine, and the boot information that dstack derives from it.</summary>
public class SnpAttestationTests
{
    private const string Case = "g21-dstack-milan-v3";

    private static readonly SnpCase Given = new(Fixtures.Present ? SnpCases.Find("cases", Case) : default);

    [FixtureFact]
    public async Task Derives_dstacks_boot_information_from_the_genuine_envelope()
    {
        var verified = (await JudgeAsync(Genuine())).ShouldBeOfType<VerifiedSnpAttestation>();
        var expected = Given.Entry.GetProperty("dstack").GetProperty("boot_info");

        foreach (var vmConfig in (string[])["", System.Text.Encoding.UTF8.GetString(Given.Of("vm_config")!)])
        {
            var boot = verified.DecodeBootInfo(vmConfig, MeasurementView.Full).Value.ShouldNotBeNull();
            string Expected(string name) => expected.GetProperty(name).GetString()!;
            boot.TeeVariant.ShouldBe(Expected("teeVariant"));
            Hex(boot.MrAggregated).ShouldBe(Expected("mrAggregated"));
            Hex(boot.OsImageHash).ShouldBe(Expected("osImageHash"));
            Hex(boot.MrSystem).ShouldBe(Expected("mrSystem"));
            boot.AppId.ToString().ShouldBe(Expected("appId"));
            boot.ComposeHash.ToString().ShouldBe(Expected("composeHash"));
            boot.InstanceId.ToString().ShouldBe(Expected("instanceId"));
            boot.DeviceId.ToString().ShouldBe(Expected("deviceId"));
            Hex(boot.KeyProviderInfo).ShouldBe(Expected("keyProviderInfo"));
            boot.TcbStatus.ShouldBe(Expected("tcbStatus"));
            boot.AdvisoryIds.ShouldBeEmpty();
        }
    }

    [FixtureFact]
    public void Writes_the_genuine_envelope_byte_for_byte()
        => Genuine().Encode().ShouldBe(Given.Of("envelope"));

    [FixtureFact]
    public async Task Accepts_the_same_in_the_named_form()
    {
        var named = VersionedAttestation.Decode(MessagePackAttestation.Encode(Genuine())).Value;

        (await JudgeAsync(named.ShouldBeOfType<SnpAttestation>())).ShouldBeOfType<VerifiedSnpAttestation>();
    }

    /// <summary>A guest that sends no certificates needs a source; there is none here.</summary>
    [FixtureFact]
    public async Task Refuses_the_envelope_without_a_chain_where_nothing_is_fetched()
        => (await CodeOfAsync((SnpAttestation)VersionedAttestation.Decode(Given.Of("envelope_no_chain")!).Value!))
            .ShouldBe("COLLATERAL_MISSING");

    [FixtureFact]
    public async Task Refuses_what_the_report_does_not_bind()
    {
        var genuine = Genuine();
        var otherData = genuine with { ReportData = new byte[64] };
        (await CodeOfAsync(genuine, expected: new byte[64])).ShouldBe("REPORT_DATA_MISMATCH");
        (await CodeOfAsync(otherData)).ShouldBe("REPORT_DATA_MISMATCH");
        (await CodeOfAsync(genuine with { MrConfig = "" })).ShouldBe("MR_CONFIG_MISSING");
        (await CodeOfAsync(genuine with { MrConfig = genuine.MrConfig + " " })).ShouldBe("HOST_DATA_MISMATCH");
        (await CodeOfAsync(genuine with { CertificateChain = [.. genuine.CertificateChain.Reverse()] }))
            .ShouldBe("CHAIN_NAME");
        (await CodeOfAsync(genuine with { CertificateChain = [.. genuine.CertificateChain, new byte[1]] }))
            .ShouldBe("CERT_TABLE");
    }

    /// <summary>dstack gives the vm_config with the request; another machine's does not fit the measurement.</summary>
    [FixtureFact]
    public async Task Refuses_to_tell_of_another_machine()
    {
        var verified = (await JudgeAsync(Genuine())).ShouldBeOfType<VerifiedSnpAttestation>();
        var other = System.Text.Encoding.UTF8.GetString(SnpCases.Read("dstack-launch/e07-more-processors.json"));

        verified.DecodeBootInfo(other, MeasurementView.Full).Error.ShouldBe("amd sev-snp measurement mismatch");
        verified.DecodeBootInfo("{}", MeasurementView.Full).Error
            .ShouldBe("os_image_hash is required for amd sev-snp");
    }

    private static SnpAttestation Genuine()
        => VersionedAttestation.Decode(Given.Of("envelope")!).Value.ShouldBeOfType<SnpAttestation>();

    private static async Task<string> CodeOfAsync(SnpAttestation evidence, byte[]? expected = null)
        => (await JudgeAsync(evidence, expected)).ShouldBeOfType<RefusedAttestation>().Refusal.Code;

    private static Task<AttestationVerdict> JudgeAsync(SnpAttestation evidence, byte[]? expected = null)
        => new AttestationVerifier(
                new CollateralBackedVerifier(TrustAnchors.Intel, new NoCollateral()),
                new CollateralBackedReportVerifier(SnpTrustAnchors.Amd, new SnpPolicy()))
            .VerifyAsync(
                evidence, expected is null ? null : (ReadOnlyMemory<byte>?)expected, Given.At, CancellationToken.None);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private sealed class NoCollateral : ICollateralOrigin
    {
        public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop)
            => throw new CollateralUnavailableException("a TDX quote where a report belongs");
    }
}
