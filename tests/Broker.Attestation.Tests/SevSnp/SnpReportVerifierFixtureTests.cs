using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;

namespace Broker.Attestation.Tests.SevSnp;

/// <summary>Every case of the manifest gets its verdict, to the code; its fields are read as it reads them.</summary>
public class SnpReportVerifierFixtureTests
{
    private static readonly string[] Options =
    [
        "allow_vlek", "allow_migration", "require_crl", "max_vmpl", "minimum_tcb", "report_data", "measurement",
        "host_data", "chip_id",
    ];

    public static TheoryData<string> Ids => [.. SnpCases.Ids("cases")];

    public static TheoryData<string> Accepted
        => [.. SnpCases.Ids("cases").Where(id => SnpCases.Load(id).IsAccepted)];

    [FixtureTheory, MemberData(nameof(Ids))]
    public void Judges_as_the_manifest_says(string id)
    {
        var given = SnpCases.Load(id);

        var verdict = given.Verify();

        if (given.IsAccepted)
        {
            verdict.ShouldBeOfType<VerifiedReport>(verdict.ToString());
            return;
        }

        given.AcceptableCodes.ShouldContain(verdict.ShouldBeOfType<RefusedReport>().Refusal.Code);
    }

    /// <summary>Of those where several codes would do, ours is the manifest's first choice.</summary>
    [FixtureTheory, MemberData(nameof(Ids))]
    public void Refuses_with_the_manifests_own_code(string id)
    {
        var given = SnpCases.Load(id);
        if (given.IsAccepted) return;

        given.Verify().ShouldBeOfType<RefusedReport>().Refusal.Code.ShouldBe(given.AcceptableCodes.First());
    }

    /// <summary>Nothing of the manifest is passed over: no case, no option, no code.</summary>
    [FixtureFact]
    public void Leaves_nothing_of_the_manifest_out()
    {
        SnpCases.Ids("cases").Distinct().Count().ShouldBe(209);
        SnpCases.Of("cases").GroupBy(entry => entry.GetProperty("group").GetString())
            .ToDictionary(group => group.Key!, group => group.Count())
            .ShouldBe(new Dictionary<string, int> { ["genuine"] = 14, ["genuine-negative"] = 96, ["synthetic"] = 99 });
        SnpCases.Of("cases").SelectMany(entry => entry.GetProperty("options").EnumerateObject())
            .Select(option => option.Name).Distinct().ShouldBeSubsetOf(Options);
        SnpCases.Codes.ShouldBeSubsetOf(
            Enum.GetValues<SnpRefusalReason>().Select(reason => new SnpRefusal(reason, "").Code));
    }

    [FixtureTheory, MemberData(nameof(Accepted))]
    public void Reads_the_fields_as_the_manifest_does(string id)
    {
        var given = SnpCases.Load(id);
        var fields = given.Entry.GetProperty("fields");

        var verified = given.Verify().ShouldBeOfType<VerifiedReport>();

        verified.Family.ToString().ShouldBe(fields.GetProperty("product").GetString());
        verified.Report.SigningKey.ToString().ToUpperInvariant()
            .ShouldBe(fields.GetProperty("signing_key").GetString());
        verified.TcbStatus.ShouldBe(fields.GetProperty("tcb_status").GetString());
        var tcb = fields.GetProperty("tcb");
        verified.ReportedTcb.ShouldBe(SnpCase.Levels(tcb.GetProperty("reported")));
        verified.CurrentTcb.ShouldBe(SnpCase.Levels(tcb.GetProperty("current")));
        verified.CommittedTcb.ShouldBe(SnpCase.Levels(tcb.GetProperty("committed")));
        verified.LaunchTcb.ShouldBe(SnpCase.Levels(tcb.GetProperty("launch")));
        Hex(verified.Report.Measurement).ShouldBe(fields.GetProperty("measurement").GetString());
        Hex(verified.Report.HostData).ShouldBe(fields.GetProperty("host_data").GetString());
        Hex(verified.Report.ReportData).ShouldBe(fields.GetProperty("report_data").GetString());
        Hex(verified.Report.ChipId).ShouldBe(fields.GetProperty("chip_id").GetString());
        ((ulong)verified.Report.Policy).ShouldBe(fields.GetProperty("policy").GetUInt64());
        ((ulong)verified.Report.PlatformInfo).ShouldBe(fields.GetProperty("platform_info").GetUInt64());
    }

    /// <summary>
    /// A flipped bit in a byte of a genuine report refuses it, wherever the byte is: signed, signature or unsigned end.
    /// </summary>
    [FixtureTheory]
    [InlineData("g01-milan-v2-vcek")]
    [InlineData("g10-genoa-v5-vcek")]
    [InlineData("g11-turin-v5-vcek")]
    public void Refuses_a_flipped_bit_in_every_byte(string id)
    {
        var given = SnpCases.Load(id);
        var report = given.Report;
        for (var offset = 0; offset < report.Length; offset++)
        {
            report[offset] ^= (byte)(1 << (offset % 8));
            given.Verify(report).ShouldBeOfType<RefusedReport>($"a bit of byte 0x{offset:x}");
            report[offset] ^= (byte)(1 << (offset % 8));
        }
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
