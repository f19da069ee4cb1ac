using System.Text.Json.Nodes;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Tee;

namespace Broker.Cli.Tests.Quotes;

public class QuoteVerifyTests
{
    private const string R03 = "r03_v5_td15_uptodate";

    [FixtureFact]
    public async Task Judges_a_genuine_quote_offline()
    {
        var (exit, output, error) = await SimulatedTee.RunAsync(
            "quote", "verify", "--quote", Case(R03, "quote.bin"), "--collateral", Case(R03, "collateral.json"),
            "--at", "2026-03-05T10:50:03Z", "--json");

        exit.ShouldBe(ExitCode.Ok, error);
        var verdict = JsonNode.Parse(output)!;
        verdict["status"]!.GetValue<string>().ShouldBe("UpToDate");
        verdict["advisory_ids"]!.AsArray().ShouldBeEmpty();
        verdict["tee"]!.GetValue<string>().ShouldBe("tdx");
        verdict["fmspc"]!.GetValue<string>().ShouldBe("90c06f000000");
        verdict["td_attributes"]!.GetValue<string>().ShouldBe("0000001000000000");
        verdict["mr_td"]!.GetValue<string>().ShouldStartWith("7348651a34b2d2d3462822e3");
        verdict["rtmr"]!.AsArray().Count.ShouldBe(4);
        verdict["rtmr"]![0]!.GetValue<string>().ShouldStartWith("5c8daf76063a71ac8fcef406");
        verdict["report_data"]!.GetValue<string>().ShouldStartWith("945eaacf5abc1f719d8666a9");
        verdict["reason"].ShouldBeNull();
    }

    [FixtureFact]
    public async Task Prints_a_verdict_that_people_can_read()
    {
        var (exit, output, _) = await SimulatedTee.RunAsync(
            "quote", "verify", "--quote", Case(R03, "quote.bin"), "--collateral", Case(R03, "collateral.json"),
            "--at", "2026-03-05T10:50:03Z");

        exit.ShouldBe(ExitCode.Ok);
        output.ShouldContain("verdict      verified, UpToDate");
        output.ShouldContain("rtmr3");
    }

    [FixtureFact]
    public async Task Says_why_it_refuses()
    {
        var (exit, output, _) = await SimulatedTee.RunAsync(
            "quote", "verify", "--quote", Case(R03, "quote.bin"), "--collateral", Case(R03, "collateral.json"),
            "--at", "2026-03-20T10:41:16Z", "--json");

        exit.ShouldBe(ExitCode.Failed);
        JsonNode.Parse(output)!["reason"]!.GetValue<string>().ShouldBe("PCK_CRL_EXPIRED");
    }

    [FixtureFact]
    public async Task Warns_loudly_when_it_believes_another_root()
    {
        var folder = Fixtures.File("tdx", "synthetic", "p02_v5_body2_td10");

        var (exit, _, error) = await SimulatedTee.RunAsync(
            "quote", "verify", "--quote", Path.Combine(folder, "quote.bin"),
            "--collateral", Path.Combine(folder, "collateral.json"),
            "--root-ca", Fixtures.File("tdx", "synthetic", "test_root_ca.pem"), "--at", "2026-06-01T00:00:00Z");

        exit.ShouldBe(ExitCode.Ok, error);
        error.ShouldContain("WARNING");
    }

    [FixtureFact]
    public async Task Misuse_is_exit_code_2()
    {
        var quote = Case(R03, "quote.bin");
        string[][] misuses =
        [
            ["quote", "verify"],
            ["quote", "verify", "--quote", "/nowhere"],
            ["quote", "verify", "--quote", quote, "--collateral", Case(R03, "collateral.json"), "--at", "yesterday"],
            ["quote", "verify", "--quote", quote, "--pccs", "ftp://127.0.0.1"],
            ["quote", "verify", "--quote", quote, "--pccs", "http://[::1]:1", "--collateral", quote],
        ];

        foreach (var misuse in misuses)
        {
            var run = await SimulatedTee.RunAsync(misuse);
            run.ExitCode.ShouldBe(ExitCode.Misuse, string.Join(' ', misuse) + "\n" + run.Error);
        }
    }

    [FixtureFact]
    public async Task Without_a_collateral_service_the_quote_is_refused()
    {
        var (exit, output, _) = await SimulatedTee.RunAsync(
            "quote", "verify", "--quote", Case(R03, "quote.bin"), "--pccs", "http://127.0.0.1:1", "--json");

        exit.ShouldBe(ExitCode.Failed);
        JsonNode.Parse(output)!["reason"]!.GetValue<string>().ShouldBe("INPUT");
    }

    private static string Case(string id, string file) => Fixtures.File("tdx", "real", id, file);
}
