using System.Collections.Immutable;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Attestation.Simulation.SevSnp;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.SevSnp;

/// <summary>What holds without any fixture: over a hierarchy that the tests make, under its own root.</summary>
public class SnpReportVerifierTests
{
    private static readonly byte[] ReportData = [.. Enumerable.Repeat((byte)0x5a, 64)];

    [Fact]
    public void Accepts_a_report_of_milan_under_the_external_root()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);

        var verified = SimulatedSnp.Verify(SimulatedSnp.Milan, machine, Report(machine))
            .ShouldBeOfType<VerifiedReport>();

        verified.Family.ShouldBe(ProcessorFamily.Milan);
        verified.ReportedTcb.ShouldBe(SimulatedSnp.MilanLevels);
        verified.TcbStatus.ShouldBe("UpToDate");
        verified.HasRevocationList.ShouldBeFalse();
    }

    /// <summary>Another order of the levels, an id of 8 bytes, a level for the FMC.</summary>
    [Fact]
    public void Accepts_a_report_of_turin_under_the_external_root()
    {
        using var machine = SimulatedSnp.Turin.CreateMachine("one", SimulatedSnp.TurinLevels);

        SimulatedSnp.Verify(SimulatedSnp.Turin, machine, Report(machine)).ShouldBeOfType<VerifiedReport>()
            .ReportedTcb.ShouldBe(SimulatedSnp.TurinLevels);
    }

    [Fact]
    public void Refuses_the_same_under_amds_root()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        var verifier = new SnpReportVerifier(SnpTrustAnchors.Amd, new SnpPolicy());

        var verdict = verifier.Verify(
            Report(machine), new SnpCertificates(machine.Vcek, machine.Intermediate), new SnpExpectations(),
            SimulatedSnp.Now);

        SimulatedSnp.CodeOf(verdict).ShouldBe("CHAIN_SIGNATURE");
    }

    [Fact]
    public void Takes_no_other_root_without_consent()
        => Should.Throw<InvalidOperationException>(() => SnpTrustAnchors.External(
            new Dictionary<ProcessorFamily, ReadOnlyMemory<byte>>(),
            new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = false }));

    /// <summary>AMD's roots are those whose hashes go-sev-guest, sev and trustee pin.</summary>
    [Theory]
    [InlineData(ProcessorFamily.Milan, "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd")]
    [InlineData(ProcessorFamily.Genoa, "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1")]
    [InlineData(ProcessorFamily.Turin, "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a")]
    public void Holds_amds_roots(ProcessorFamily family, string sha256)
        => Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(SnpTrustAnchors.Amd.Root(family).Span)).ShouldBe(sha256);

    [Fact]
    public void Refuses_the_certificate_of_another_chip()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        using var other = SimulatedSnp.Milan.CreateMachine("two", SimulatedSnp.MilanLevels);

        SimulatedSnp.CodeOf(SimulatedSnp.Verify(SimulatedSnp.Milan, other, Report(machine)))
            .ShouldBe("CHIP_ID_MISMATCH");
    }

    [Fact]
    public void Refuses_the_certificate_of_other_firmware()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        using var newer = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels with { Snp = 25 });

        SimulatedSnp.CodeOf(SimulatedSnp.Verify(SimulatedSnp.Milan, newer, Report(machine))).ShouldBe("TCB_MISMATCH");
    }

    /// <summary>A guest that can be debugged, correctly signed; there is no option that lets it through.</summary>
    [Theory]
    [InlineData(19, "POLICY_DEBUG")]
    [InlineData(18, "POLICY_MIGRATION")]
    [InlineData(26, "POLICY_RESERVED")]
    [InlineData(63, "POLICY_RESERVED")]
    [InlineData(23, "PLATFORM_RAPL")]
    [InlineData(24, "PLATFORM_CIPHERTEXT_HIDING")]
    public void Refuses_a_guest_with_that_policy_bit(int bit, string code)
        => CodeOfAltered(report => report[SnpReportLayout.Policy.Offset + (bit / 8)] |= (byte)(1 << (bit % 8)))
            .ShouldBe(code);

    [Theory]
    [InlineData(0x0a, 0x02, "POLICY_RESERVED")]
    [InlineData(0x0a, 0x01, "PLATFORM_SMT")]
    [InlineData(0x30, 0x01, "VMPL")]
    [InlineData(0x48, 0x02, "MASK_CHIP_KEY")]
    [InlineData(0x48, 0x04, "SIGNING_KEY")]
    [InlineData(0x48, 0x20, "REPORT_RESERVED")]
    [InlineData(0x4c, 0x01, "REPORT_RESERVED")]
    [InlineData(0x182, 0x01, "REPORT_RESERVED")]
    [InlineData(0x1f8, 0x01, "REPORT_RESERVED")]
    [InlineData(0x04, 0x00, "REPORT_SIGNATURE")]
    public void Refuses_a_report_with_that_bit_flipped(int offset, byte bits, string code)
    {
        if (code != "REPORT_SIGNATURE")
        {
            CodeOfAltered(report => report[offset] ^= bits).ShouldBe(code);
            return;
        }

        // The one that is not signed again.
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        var altered = Report(machine);
        altered[offset] ^= 1;
        SimulatedSnp.CodeOf(SimulatedSnp.Verify(SimulatedSnp.Milan, machine, altered)).ShouldBe(code);
    }

    /// <summary>Vectors are not numbers: a high boot loader does not make up for an old SNP firmware.</summary>
    [Fact]
    public void Compares_firmware_component_by_component()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", new TcbLevels(0, 255, 255, 3, 255));
        var policy = new SnpPolicy
        {
            MinimumTcb = ImmutableDictionary<ProcessorFamily, TcbLevels>.Empty.Add(
                ProcessorFamily.Milan, new TcbLevels(0, 0, 0, 4, 0)),
        };

        SimulatedSnp.CodeOf(SimulatedSnp.Verify(SimulatedSnp.Milan, machine, Report(machine), policy: policy))
            .ShouldBe("TCB_BELOW_MINIMUM");
    }

    [Fact]
    public void Fails_closed_on_revocation_lists()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        var now = SimulatedSnp.Now;
        SnpVerdict With(byte[]? list, DateTimeOffset at) => SimulatedSnp.Verify(
            SimulatedSnp.Milan, machine, Report(machine), list, new SnpPolicy { RequireRevocationList = true }, at);
        var empty = SimulatedSnp.Milan.RevocationList(now, now.AddDays(30));

        With(empty, now).ShouldBeOfType<VerifiedReport>().ValidUntil.ShouldBe(now.AddDays(30));
        SimulatedSnp.CodeOf(With(null, now)).ShouldBe("CRL_MISSING");
        SimulatedSnp.CodeOf(With([0x30, 0], now)).ShouldBe("CRL_MALFORMED");
        SimulatedSnp.CodeOf(With(empty, now.AddDays(31))).ShouldBe("CRL_VALIDITY");
        SimulatedSnp.CodeOf(With(empty, now.AddSeconds(-1))).ShouldBe("CRL_VALIDITY");
        SimulatedSnp.CodeOf(With(SimulatedSnp.Turin.RevocationList(now, now.AddDays(30)), now)).ShouldBe("CRL_ISSUER");
        SimulatedSnp.CodeOf(With(SimulatedSnp.Milan.RevocationList(now, now.AddDays(30), true), now))
            .ShouldBe("REVOKED");
    }

    /// <summary>RFC 5280 counts the second of NotAfter as valid, which the framework's chain does not.</summary>
    [Fact]
    public void Accepts_the_last_second_of_the_leaf_and_none_after_it()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        var last = SimulatedSnp.Verify(SimulatedSnp.Milan, machine, Report(machine))
            .ShouldBeOfType<VerifiedReport>().ValidUntil;

        SimulatedSnp.Verify(SimulatedSnp.Milan, machine, Report(machine), now: last).ShouldBeOfType<VerifiedReport>();
        SimulatedSnp.CodeOf(SimulatedSnp.Verify(SimulatedSnp.Milan, machine, Report(machine), now: last.AddSeconds(1)))
            .ShouldBe("CHAIN_VALIDITY");
    }

    private static string CodeOfAltered(Action<byte[]> alter)
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        return SimulatedSnp.CodeOf(SimulatedSnp.Verify(SimulatedSnp.Milan, machine, Report(machine, alter)));
    }

    private static byte[] Report(SimulatedSnpMachine machine, Action<byte[]>? alter = null)
        => machine.Report(ReportData, new byte[32], new byte[48], alter);
}
