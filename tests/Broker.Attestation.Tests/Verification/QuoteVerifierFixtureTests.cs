using System.Globalization;
using System.Text.Json;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Verification;

/// <summary>
/// Every case of the manifest gets the verdict of the independent reference model, to the code and the date.
/// </summary>
public class QuoteVerifierFixtureTests
{
    public static TheoryData<string> Ids => [.. VerdictCases.Ids];

    public static TheoryData<string> IdsWithEdges => [.. VerdictCases.Where(given => given.OtherTimes.Any())];

    public static TheoryData<string> IdsThatParse
        => [.. VerdictCases.Where(given => given.Collateral.Succeeded && QuoteParser.Parse(given.Quote).Succeeded)];

    public static TheoryData<string> IdsAcceptedWithWindow => [.. VerdictCases.Where(given => given.IsAccepted
        && given.Expected.TryGetProperty("collateral_window", out _))];

    public static TheoryData<string> IdsAcceptedWithPlatform => [.. VerdictCases.Where(given => given.IsAccepted
        && given.Expected.TryGetProperty("parsed", out var parsed) && parsed.TryGetProperty("pck", out var pck)
        && pck.TryGetProperty("fmspc", out _))];

    [FixtureTheory, MemberData(nameof(Ids))]
    public void Judges_as_the_reference_model(string id)
    {
        var given = VerdictCases.Load(id);

        ShouldBe(Verify(given, given.Now), given.Strict);
    }

    [FixtureTheory, MemberData(nameof(IdsWithEdges))]
    public void Judges_the_edges_of_the_window_as_the_reference_model(string id)
    {
        var given = VerdictCases.Load(id);

        foreach (var (now, strict) in given.OtherTimes) ShouldBe(Verify(given, now), strict);
    }

    [FixtureTheory, MemberData(nameof(IdsThatParse))]
    public void Prepared_collateral_judges_as_fresh_collateral_at_every_time(string id)
    {
        var given = VerdictCases.Load(id);
        var verifier = new QuoteVerifier(given.Root);
        var quote = QuoteParser.Parse(given.Quote).Quote!;
        var prepared = verifier.Prepare(given.Collateral.Collateral!, quote.Header.TeeType);

        foreach (var (now, strict) in given.OtherTimes.Append((given.Now, given.Strict)))
        {
            ShouldBe(verifier.Verify(quote, prepared, now), strict);
        }
    }

    [FixtureTheory, MemberData(nameof(IdsAcceptedWithWindow))]
    public void Says_how_long_a_verdict_holds(string id)
    {
        var given = VerdictCases.Load(id);
        var window = given.Expected.GetProperty("collateral_window");

        var verified = Verify(given, given.Now).ShouldBeOfType<VerifiedQuote>();

        verified.ValidFrom.ToUnixTimeSeconds().ShouldBe(window.GetProperty("not_before").GetInt64());
        verified.ValidUntil.ToUnixTimeSeconds().ShouldBe(window.GetProperty("not_after").GetInt64());
    }

    [FixtureTheory, MemberData(nameof(IdsAcceptedWithPlatform))]
    public void Reads_the_platform_from_the_certificate(string id)
    {
        var given = VerdictCases.Load(id);
        var pck = given.Expected.GetProperty("parsed").GetProperty("pck");

        var verified = Verify(given, given.Now).ShouldBeOfType<VerifiedQuote>();

        Hex(verified.Platform.Fmspc).ShouldBe(pck.GetProperty("fmspc").GetString());
        Hex(verified.Platform.PceId).ShouldBe(pck.GetProperty("pceid").GetString());
        Hex(verified.Platform.Ppid).ShouldBe(pck.GetProperty("ppid").GetString());
        Hex(verified.Platform.CpuSvn).ShouldBe(pck.GetProperty("cpusvn").GetString());
        ((int)verified.Platform.PceSvn).ShouldBe(pck.GetProperty("pcesvn").GetInt32());
        verified.Platform.SgxTcbComponents.Select(svn => (int)svn)
            .ShouldBe(pck.GetProperty("tcb_components").EnumerateArray().Select(svn => svn.GetInt32()));
    }

    private static QuoteVerdict Verify(VerdictCase given, DateTimeOffset now) => given.Collateral.Succeeded
        ? new QuoteVerifier(given.Root).Verify(given.Quote, given.Collateral.Collateral, now)
        : new RefusedQuote(given.Collateral.Refusal, null);

    private static void ShouldBe(QuoteVerdict verdict, JsonElement strict)
    {
        if (!strict.GetProperty("ok").GetBoolean())
        {
            verdict.ShouldBeOfType<RefusedQuote>().Refusal.Code.ShouldBe(strict.GetProperty("code").GetString());
            return;
        }

        var verified = verdict.ShouldBeOfType<VerifiedQuote>(verdict.ToString());
        verified.Status.ToString().ShouldBe(strict.GetProperty("status").GetString());
        verified.AdvisoryIds.ShouldBe(strict.GetProperty("advisories").EnumerateArray().Select(id => id.GetString()));
        verified.TcbDate.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            .ShouldBe(strict.GetProperty("tcb_date").GetString());
        (verified.Current?.Status.ToString())
            .ShouldBe(strict.TryGetProperty("current_tcb_status", out var current) ? current.GetString() : null);
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
