using System.Security.Cryptography;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Simulation;

public class SimulatedMachineTests(Simulated simulated) : IClassFixture<Simulated>
{
    [Theory]
    [InlineData(TcbStatus.UpToDate)]
    [InlineData(TcbStatus.SWHardeningNeeded)]
    [InlineData(TcbStatus.ConfigurationNeeded)]
    [InlineData(TcbStatus.ConfigurationAndSWHardeningNeeded)]
    [InlineData(TcbStatus.OutOfDate)]
    [InlineData(TcbStatus.OutOfDateConfigurationNeeded)]
    public void Is_found_at_the_status_it_was_made_with(TcbStatus status)
    {
        using var machine = simulated.Machine(status);

        var verified = Verify(machine.Quote(new SimulatedTd().Report(new byte[64]))).ShouldBeOfType<VerifiedQuote>();

        verified.Status.ShouldBe(status);
        verified.AdvisoryIds.ShouldBe(status == TcbStatus.UpToDate ? [] : ["INTEL-SA-00000"]);
    }

    [Fact]
    public void Is_refused_at_a_revoked_level()
    {
        using var machine = simulated.Machine(TcbStatus.Revoked);

        Reason(Verify(machine.Quote(new SimulatedTd().Report(new byte[64])))).ShouldBe(QuoteRefusalReason.TcbRevoked);
    }

    [Fact]
    public void Is_refused_once_its_certificate_has_ended()
    {
        using var machine = simulated.Machine(expired: true);

        Reason(Verify(machine.Quote(new SimulatedTd().Report(new byte[64]))))
            .ShouldBe(QuoteRefusalReason.PckCertExpired);
    }

    [Fact]
    public void Is_refused_once_its_certificate_is_revoked()
    {
        using var machine = simulated.Machine();
        using var other = simulated.Machine();
        var collateral = simulated.Pki.IssueCollateral(Simulated.Now, machine.PckSerial);
        var verifier = new QuoteVerifier(simulated.Anchors);

        Reason(verifier.Verify(machine.Quote(new SimulatedTd().Report(new byte[64])), collateral, Simulated.Now))
            .ShouldBe(QuoteRefusalReason.PckCertRevoked);
        verifier.Verify(other.Quote(new SimulatedTd().Report(new byte[64])), collateral, Simulated.Now)
            .ShouldBeOfType<VerifiedQuote>();
    }

    [Fact]
    public void A_debug_td_is_refused()
    {
        var td = new SimulatedTd { Attributes = TdAttributes.SeptVeDisable | TdAttributes.Debug };

        Reason(Verify(simulated.Quote(td))).ShouldBe(QuoteRefusalReason.TdDebug);
    }

    [Fact]
    public void A_td_1_5_is_judged_with_both_its_modules()
    {
        using var machine = simulated.Machine();

        var quote = machine.Quote(new SimulatedTd().Report(new byte[64], QuoteBodyType.TdReport15));

        var verified = Verify(quote).ShouldBeOfType<VerifiedQuote>();
        verified.Quote.Header.Version.ShouldBe((ushort)5);
        verified.Current.ShouldNotBeNull().Status.ShouldBe(TcbStatus.UpToDate);
    }

    [Fact]
    public void Its_measurements_and_report_data_are_in_the_quote()
    {
        var reportData = RandomNumberGenerator.GetBytes(64);
        var rtmr3 = RandomNumberGenerator.GetBytes(48);
        using var machine = simulated.Machine();

        var quote = machine.Quote(new SimulatedTd { RtMr3 = rtmr3 }.Report(reportData));

        var report = Verify(quote).ShouldBeOfType<VerifiedQuote>().Quote.TdReport.ShouldNotBeNull();
        report.RtMr3.ToArray().ShouldBe(rtmr3);
        report.ReportData.ToArray().ShouldBe(reportData);
    }

    [Fact]
    public void Intels_root_does_not_vouch_for_it()
        => Reason(new QuoteVerifier(TrustAnchors.Intel).Verify(
                simulated.Quote(), simulated.Pki.IssueCollateral(Simulated.Now), Simulated.Now))
            .ShouldBe(QuoteRefusalReason.RootCrlIssuer);

    [Fact]
    public void Another_hierarchy_of_the_same_names_does_not_vouch_for_it()
    {
        using var other = SimulatedPki.Create(Simulated.Now.AddMonths(-1));
        var anchors = TrustAnchors.External(other.Root, Simulated.Consent);

        var collateral = other.IssueCollateral(Simulated.Now);

        var verdict = new QuoteVerifier(anchors).Verify(simulated.Quote(), collateral, Simulated.Now);

        Reason(verdict).ShouldBe(QuoteRefusalReason.PckChain);
    }

    [Fact]
    public void A_hierarchy_read_back_from_its_folder_makes_machines_of_the_same_root()
    {
        var folder = Directory.CreateTempSubdirectory("simulated-pki");
        try
        {
            simulated.Pki.Save(folder.FullName);
            using var loaded = SimulatedPki.Load(folder.FullName);
            using var machine = loaded.CreateMachine(new SimulatedPlatform { Ppid = new byte[16] }, Simulated.Now);

            Verify(machine.Quote(new SimulatedTd().Report(new byte[64]))).ShouldBeOfType<VerifiedQuote>();
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(Path.Combine(folder.FullName, "root-ca.key"))
                    .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            Should.Throw<IOException>(() => simulated.Pki.Save(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private QuoteVerdict Verify(byte[] quote) => new QuoteVerifier(simulated.Anchors)
        .Verify(quote, simulated.Pki.IssueCollateral(Simulated.Now), Simulated.Now);

    private static QuoteRefusalReason Reason(QuoteVerdict verdict)
        => verdict.ShouldBeOfType<RefusedQuote>(verdict.ToString()).Refusal.Reason;
}
