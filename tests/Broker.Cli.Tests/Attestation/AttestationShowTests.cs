using System.Text.Json.Nodes;
using Broker.Cli.Attestation;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tests.Attestation;

public sealed class AttestationShowTests : IDisposable
{
    private const string At = "2026-02-10T07:39:21Z";

    private readonly string _folder = Directory.CreateTempSubdirectory("attestation-show-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FixtureFact]
    public async Task Shows_genuine_evidence_that_holds()
    {
        var (exit, output, error) = await ShowAsync(Simulator("attestation_v0.bin"));

        exit.ShouldBe(ExitCode.Ok, error);
        var shown = JsonNode.Parse(output)!;
        Text(shown, "status").ShouldBe("UpToDate");
        shown["reason"].ShouldBeNull();
        Text(shown, "fmspc").ShouldBe("b0c06f000000");
        shown["replay"]!.ToJsonString().ShouldBe("[true,true,true,true]");
        shown["events"]!.AsArray().Count.ShouldBe(33);
        var app = shown["app"]!;
        Text(app, "app_id").ShouldBe("5bb4ff9a3837357f19dc176407a5709c62eb6c56");
        Text(app, "compose_hash").ShouldBe("c143116fef3940e7f776bfc0919c256232ae5338a6e948c96b711e0b2383483a");
        Text(app, "instance_id").ShouldBe("1691ed1b47506cad7d08834668691d88246f5b1f");
        Text(app, "device_id").ShouldBe("c07347d88ac7ef3d42d02ceb80a0e3ac66981cf7382f72d0692ec591ea58cf1f");
        Text(app, "os_image_hash").ShouldBe("e61be43dd1cc6a6f5edefd7c51b608983780839b0000ce60dd99737dcffe09b9");
        Text(app, "mr_system").ShouldBe("51ea38f8eee6dc72dbae9b74531ae6d6204295d265dabb4e6c34621a2a1a1197");
        Text(app, "mr_aggregated").ShouldBe("85334a62c97d0f8bf82d0245d31b539d17a2d7c258e2a13efc928aaea0e107cb");
        Text(app, "mr_system_boot_time").ShouldBe("ef6af583432288c877e412740aa7d8a844a18920ad98e9b1d95d42a07a3044c8");
        Text(app, "mr_aggregated_boot_time")
            .ShouldBe("787f9fe525fcb61e81f31a30225a86674412088f2f1b683a421a7e9cbcd40551");
    }

    [FixtureFact]
    public async Task Prints_what_people_can_read()
    {
        var (exit, output, _) = await ShowAsync(Simulator("attestation_v1.msgpack"), json: false);

        exit.ShouldBe(ExitCode.Ok);
        output.ShouldContain("verdict        verified, UpToDate");
        output.ShouldContain("9 events replay to it");
        output.ShouldContain("app id         5bb4ff9a3837357f19dc176407a5709c62eb6c56");
        output.ShouldContain("rtmr3     08000001  system-ready");
        output.Split('\n').ShouldAllBe(line => line.Length <= 400);
    }

    [FixtureFact]
    public async Task Says_that_a_stripped_log_cannot_be_replayed()
    {
        var (exit, output, _) = await ShowAsync(Simulator("attestation_v0_stripped.bin"));

        exit.ShouldBe(ExitCode.Ok);
        JsonNode.Parse(output)!["replay"]!.ToJsonString().ShouldBe("[null,null,null,true]");
    }

    [FixtureFact]
    public async Task Shows_refused_evidence_as_unproven()
    {
        var (exit, output, _) = await ShowAsync(Simulator("attestation_v0_patched_report_data.bin"), json: false);

        exit.ShouldBe(ExitCode.Failed);
        output.ShouldContain("verdict        refused, QUOTE_SIGNATURE");
        output.ShouldContain("the evidence says of itself, unproven:");
        output.ShouldNotContain("device id");
    }

    [FixtureFact]
    public async Task Reads_hex_JSON_and_GetQuote_answers()
    {
        var hex = Write(
            "hex", Convert.ToHexString(await File.ReadAllBytesAsync(Simulator("attestation_v0.bin"))) + "\n");
        (await ShowAsync(hex)).ExitCode.ShouldBe(ExitCode.Ok);
        var json = Write("json", $"{{\"attestation\":\"{(await File.ReadAllTextAsync(hex)).Trim()}\"}}");
        (await ShowAsync(json)).ExitCode.ShouldBe(ExitCode.Ok);

        var (exit, output, _) = await RunAsync(
            Fixtures.File("kms", "verifier", "quote-report.json"), "--json", "--at", "2026-03-05T10:50:03Z",
            "--collateral", Fixtures.File("tdx", "real", "r07_dstack_quote_report", "collateral.json"));
        exit.ShouldBe(ExitCode.Ok);
        Text(JsonNode.Parse(output)!["app"]!, "os_image_hash").ShouldStartWith("14ad42d0270b444e");
    }

    [FixtureTheory]
    [InlineData("ra-client.crt", "QUOTE_SIGNATURE")] // bound, but patched into a signed quote
    [InlineData("ra-client-wrong-binding.crt", "REPORT_DATA_MISMATCH")]
    [InlineData("ra-client-legacy.crt", "QUOTE_SIGNATURE")]
    public async Task Holds_a_certificates_evidence_against_its_key(string file, string reason)
    {
        var (exit, output, _) = await ShowAsync(Fixtures.File("kms", "synthetic", file));

        exit.ShouldBe(ExitCode.Failed);
        Text(JsonNode.Parse(output)!, "reason").ShouldBe(reason);
    }

    [FixtureFact]
    public async Task Names_the_platform_of_a_document_it_does_not_verify()
    {
        var document = Fixtures.File("kms", "verifier", "nitro_attestation.bin");

        var (exit, output, _) = await ShowAsync(document, json: false);

        exit.ShouldBe(ExitCode.Failed);
        output.ShouldContain("unsupported attestation platform: dstack-nitro-enclave");
    }

    [FixtureFact]
    public async Task Shows_genuine_evidence_of_an_AMD_machine()
    {
        var (exit, output, error) = await RunAsync(
            Fixtures.File("kms", "verifier", "sev-snp-attestation.json"), "--json", "--at", "2026-11-01T00:00:00Z");

        exit.ShouldBe(ExitCode.Ok, output + error);
        Text(JsonNode.Parse(output)!, "tee").ShouldBe("sev-snp");
        Text(JsonNode.Parse(output)!["app"]!, "os_image_hash")
            .ShouldBe("f69c8e5031ec2b269bbc08839ce02cb98ee255d695626f941f4b37b95946d352");
    }

    [Theory]
    [InlineData("not evidence", "Unknown attestation wire format")]
    [InlineData("{", "not the JSON of evidence")]
    [InlineData("{}", "neither attestation nor quote and event_log")]
    [InlineData("{\"attestation\":1}", "not the JSON of evidence")]
    [InlineData("{\"attestation\":\"00\",\"attestation\":\"01\"}", "a name twice")]
    [InlineData("{\"quote\":\"00\",\"event_log\":\"[]\",\"x\":{\"a\":1,\"a\":2}}", "a name twice")]
    [InlineData("-----BEGIN CERTIFICATE-----", "not a certificate")]
    public async Task Refuses_what_is_no_evidence(string content, string detail)
    {
        var (exit, output, _) = await RunAsync(Write("file", content), "--json");

        exit.ShouldBe(ExitCode.Failed);
        Text(JsonNode.Parse(output)!, "reason").ShouldBe("ATTESTATION_MALFORMED");
        Text(JsonNode.Parse(output)!, "detail").ShouldContain(detail);
    }

    [Theory]
    [InlineData("/nonexistent/file")]
    [InlineData("/nonexistent/file", "--collateral", "a", "--pccs", "http://b")]
    [InlineData]
    public async Task Misuse_ends_with_2(params string[] args)
        => (await RunAsync(args)).ExitCode.ShouldBe(ExitCode.Misuse);

    [FixtureFact]
    public async Task Keeps_a_strangers_control_characters_off_the_terminal()
    {
        var log = "[{\"imr\":3,\"event_type\":134217729,\"event\":\"\\u001b[2Jx\\u202e\","
            + "\"event_payload\":\"1b5b324a\"}]";
        var answer = await File.ReadAllTextAsync(Fixtures.File("kms", "verifier", "quote-report.json"));
        var quote = Text(JsonNode.Parse(answer)!, "quote");
        var file = Write("hostile", new JsonObject { ["quote"] = quote, ["event_log"] = log }.ToJsonString());

        var (_, output, _) = await ShowAsync(file, json: false);

        output.ShouldContain("?[2Jx?");
        output.ShouldNotContain('\u001b');
        output.ShouldNotContain('\u202e');
    }

    private static Task<(int ExitCode, string Output, string Error)> ShowAsync(string file, bool json = true)
    {
        string[] args =
        [
            file, "--at", At,
            "--collateral", Fixtures.File("tdx", "real", "r12_dstack_simulator_quote", "collateral.json"),
        ];
        return RunAsync(json ? [.. args, "--json"] : args);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await BrokerCtlProgram.RunAsync(
            [AttestationCommands.Create()], ["attestation", "show", .. args], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string Simulator(string file) => Fixtures.File("tdx", "dstack", "simulator", file);

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
