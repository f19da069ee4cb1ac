using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cli.Terminal;
using Broker.Tests.Hosting;

namespace Broker.Cli.Tests.Issuer;

/// <summary>
/// <c>brokerctl issuer verify</c> and the page at <c>/verify</c> over the same cases: each accepts the running broker,
/// and refuses what is spoilt, for the same reason.
/// </summary>
public sealed class IssuerVerifyTests(IssuerSite site) : IClassFixture<IssuerSite>
{
    [Fact]
    public async Task Accepts_the_running_broker()
    {
        var (code, output, error) = await IssuerSite.RunAsync(
            "issuer", "verify", site.Trusted.Issuer, "--root-ca", site.Root,
            "--expect", $"compose_hash={IssuerSite.TrustedCode}", "--receipt", site.Receipt, "--json");

        code.ShouldBe(ExitCode.Ok, output + error);
        var report = JsonNode.Parse(output)!;
        ((bool)report["ok"]!).ShouldBeTrue();
        report["reason"].ShouldBeNull();
        ((string?)report["issuer"]).ShouldBe(site.Trusted.Issuer);
        ((string?)report["tee"]).ShouldBe("tdx");
        ((string?)report["measured"]!["tcb_status"]).ShouldBe("UpToDate");
        report["checks"]!.AsArray().Select(check => (string?)check!["check"]).ShouldBe(
            [
                "quote", "tcb", "binding", "issuer", "freshness", "measurements", "keys", "certificates", "checkpoint",
                "receipt",
            ]);
        report["checks"]!.AsArray().Select(check => (string?)check!["result"]).ShouldAllBe(result => result == "ok");
        ((string?)report["checks"]![7]!["detail"]).ShouldBe("1 of 1 carry evidence of the same code over their key");
        error.ShouldContain("WARNING: believing the root");
    }

    [Fact]
    public async Task Accepts_kept_evidence_where_the_caller_says_how_old_it_may_be()
    {
        var (code, output, _) = await IssuerSite.RunAsync(
            "issuer", "verify", site.Trusted.Issuer, "--root-ca", site.Root, "--max-age", "2h",
            "--expect", $"compose_hash={IssuerSite.TrustedCode}", "--json");

        code.ShouldBe(ExitCode.Ok, output);
        JsonNode.Parse(output)!["nonce"].ShouldBeNull();
    }

    [Fact]
    public async Task Prints_what_people_can_read()
    {
        var (code, output, _) = await IssuerSite.RunAsync(
            "issuer", "verify", site.Debugged.Issuer, "--root-ca", site.Root, "--from", site.Kept("d"));

        code.ShouldBe(ExitCode.Failed);
        output.ShouldContain("quote         FAIL         TD_DEBUG: Debug mode is not allowed");
        output.ShouldContain("measurements  not checked  the quote does not hold");
        output.ShouldContain("REFUSED");
        output.Split('\n').ShouldAllBe(line => line.Length <= 300);
    }

    [Theory]
    [InlineData("--expect", "os_image_hash=00")]
    [InlineData("--expect", "compose_hash")]
    [InlineData("--nonce", "00")]
    [InlineData("--max-age", "soon")]
    [InlineData("--from", "/nonexistent")]
    public async Task Says_what_is_misused(string option, string value)
    {
        var (code, _, error) = await IssuerSite.RunAsync("issuer", "verify", site.Trusted.Issuer, option, value);

        code.ShouldBe(ExitCode.Misuse);
        error.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Judges_every_case_as_it_deserves()
    {
        foreach (var one in IssuerCase.All(site))
        {
            var (code, output, error) = await IssuerSite.RunAsync(
            [
                "issuer", "verify", IssuerOf(one), "--from", one.Folder, "--json",
                .. one.Expect.SelectMany(value => (string[])["--expect", value]),
                .. one.BelievesRoot ? ["--root-ca", site.Root] : Array.Empty<string>(),
                .. one.At is { } at ? ["--at", at] : Array.Empty<string>(),
                .. one.Receipt is { } receipt ? ["--receipt", receipt] : Array.Empty<string>(),
            ]);

            var checks = JsonNode.Parse(output)!["checks"]!.AsArray();
            var found = checks.FirstOrDefault(check => (string?)check!["result"] == "failed")
                ?? checks.FirstOrDefault(check => (string?)check!["result"] == "not_checked");
            ((string?)found?["check"] ?? "").ShouldBe(one.Check, one.Name + output + error);
            ((string?)found?["code"]).ShouldBe(one.Code, one.Name);
            var expected = one.Check.Length == 0 ? ExitCode.Ok
                : one.Code is null ? ExitCode.NotAllChecked
                : ExitCode.Failed;
            code.ShouldBe(expected, one.Name);
        }
    }

    [Fact]
    public async Task The_page_agrees_on_every_case()
    {
        var cases = IssuerCase.All(site).ToArray();
        var folder = Path.Combine(Fixtures.RepositoryRoot, "artifacts", "pages");
        Directory.CreateDirectory(folder);
        var seen = await Npm.RunAsync(
            "verify.mjs",
            new
            {
                origin = site.Trusted.Issuer,
                folder,
                root = site.Root,
                expect = $"compose_hash={IssuerSite.TrustedCode}",
                receipt = await File.ReadAllTextAsync(site.Receipt),
                cases = cases.Select(one => new
                {
                    issuer = IssuerOf(one),
                    files = Directory.EnumerateFiles(one.Folder),
                    expected = string.Join('\n', one.Expect),
                    at = one.At ?? "",
                    root = one.BelievesRoot ? site.Root : null,
                    receipt = one.Receipt is { } receipt ? File.ReadAllText(receipt) : "",
                }),
            },
            "browser");

        Texts(seen, "problems").ShouldBeEmpty();
        Texts(seen, "findings").ShouldBeEmpty();
        seen.GetProperty("fetched").GetString().ShouldBe("The measured code holds the issuer’s keys and its ledger’s.");
        var verdicts = seen.GetProperty("verdicts").EnumerateArray().ToArray();
        verdicts.Length.ShouldBe(cases.Length);
        for (var at = 0; at < cases.Length; at++)
        {
            var all = verdicts[at].EnumerateArray().ToArray();
            JsonElement[] found =
            [
                .. all.Where(check => Text(check, "result") == "failed"),
                .. all.Where(check => Text(check, "result") == "not_checked"),
            ];
            (found.Length > 0 ? Text(found[0], "check") : "").ShouldBe(cases[at].Check, cases[at].Name + verdicts[at]);
            (found.Length > 0 ? Text(found[0], "code") : "").ShouldBe(cases[at].Code ?? "", cases[at].Name);
        }
    }

    /// <summary>The issuer whose evidence the case is about.</summary>
    private string IssuerOf(IssuerCase one) =>
        one.Name == "a debug TD" ? site.Debugged.Issuer : site.Trusted.Issuer;

    private static string Text(JsonElement check, string name) => check.GetProperty(name).GetString()!;

    private static List<string> Texts(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
}
