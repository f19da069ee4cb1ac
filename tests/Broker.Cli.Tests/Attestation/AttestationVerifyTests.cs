using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cli.Attestation;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tests.Attestation;

/// <summary>SEV-SNP on the command line: every case of the manifest as an operator would put it.</summary>
public sealed class AttestationVerifyTests : IDisposable
{
    /// <summary>Nothing listens there, so that no test asks AMD.</summary>
    private const string NoService = "http://127.0.0.1:1/vcek/v1";

    private static readonly Lazy<JsonElement> Manifest = new(() =>
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Fixtures.File("snp", "manifest.json")));
        return manifest.RootElement.Clone();
    });

    private readonly string _folder = Directory.CreateTempSubdirectory("attestation-verify-").FullName;

    public static TheoryData<string> Ids => [.. Cases().Select(one => one.GetProperty("id").GetString()!)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FixtureTheory, MemberData(nameof(Ids))]
    public async Task Says_the_manifests_verdict_for_a_report_with_its_chain(string id)
    {
        var given = Cases().Single(one => one.GetProperty("id").GetString() == id);
        var expect = given.GetProperty("expect");

        var (exit, output, error) = await RunAsync(ArgumentsOf(given));

        var shown = JsonNode.Parse(output)!;
        if (expect.GetProperty("ok").GetBoolean())
        {
            exit.ShouldBe(ExitCode.Ok, output + error);
            shown["status"]!.GetValue<string>()
                .ShouldBe(given.GetProperty("fields").GetProperty("tcb_status").GetString());
            shown["reason"].ShouldBeNull();
            return;
        }

        exit.ShouldBe(ExitCode.Failed);
        shown["status"].ShouldBeNull();
        string[] also = expect.TryGetProperty("also_acceptable", out var others)
            ? [.. others.EnumerateArray().Select(code => code.GetString()!)]
            : [];
        also.Append(expect.GetProperty("code").GetString()!).ShouldContain(shown["reason"]!.GetValue<string>());
    }

    [FixtureFact]
    public async Task Prints_what_people_can_read()
    {
        var (exit, output, _) = await RunAsync(
            Genuine("report.bin"), "--vcek", Genuine("leaf.der"), "--ask", Snp("roots/amd/milan-ask.der"),
            "--at", "2026-11-01T00:00:00Z");

        exit.ShouldBe(ExitCode.Ok);
        output.ShouldContain("verdict        verified, OutOfDate");
        output.ShouldContain("revocation     not checked: no list was given");
        output.ShouldContain("processor      Milan");
        output.ShouldContain("measurement    7f51e17f72a04d5422cb2c00998166536019a217376f3aa45a630e59c805a599");
    }

    /// <summary>A table of the kernel in the place of two files; it is another hierarchy's, so it does not fit.</summary>
    [FixtureFact]
    public async Task Takes_the_kernels_certificate_table()
    {
        var (_, output, _) = await RunAsync(
            Genuine("report.bin"), "--table", Snp("certificate-tables/t01.bin"), "--at", "2026-11-01T00:00:00Z",
            "--json");
        JsonNode.Parse(output)!["reason"]!.GetValue<string>().ShouldBe("CHAIN_SIGNATURE");

        (_, output, _) = await RunAsync(
            Genuine("report.bin"), "--table", Snp("certificate-tables/t05.bin"), "--json");
        JsonNode.Parse(output)!["reason"]!.GetValue<string>().ShouldBe("CERT_TABLE");
    }

    [FixtureFact]
    public async Task Takes_dstacks_envelope_and_proves_image_and_app()
    {
        var (exit, output, error) = await RunAsync(
            Genuine("envelope.scale"), "--at", "2026-11-01T00:00:00Z", "--json");

        exit.ShouldBe(ExitCode.Ok, output + error);
        var app = JsonNode.Parse(output)!["app"]!;
        app["app_id"]!.GetValue<string>().ShouldBe("86e59625be93207bc2351c4d1bba20037cec8e16");
        app["os_image_hash"]!.GetValue<string>()
            .ShouldBe("f69c8e5031ec2b269bbc08839ce02cb98ee255d695626f941f4b37b95946d352");
    }

    /// <summary>An envelope whose vm_config is another machine's is refused, though its report is genuine.</summary>
    [FixtureFact]
    public async Task Refuses_an_envelope_whose_machine_is_not_the_measured_one()
    {
        var envelope = await File.ReadAllBytesAsync(Genuine("envelope.scale"));
        var at = envelope.AsSpan().LastIndexOf("\\\"vcpus\\\":2"u8);
        envelope[at + "\\\"vcpus\\\":"u8.Length] = (byte)'3';
        var file = Path.Combine(_folder, "envelope");
        await File.WriteAllBytesAsync(file, envelope);

        var (exit, output, _) = await RunAsync(file, "--at", "2026-11-01T00:00:00Z", "--json");

        exit.ShouldBe(ExitCode.Failed);
        JsonNode.Parse(output)!["reason"]!.GetValue<string>().ShouldBe("MEASUREMENT_MISMATCH");
    }

    [FixtureFact]
    public async Task Refuses_an_envelope_without_certificates_when_no_service_answers()
    {
        var (exit, output, _) = await RunAsync(
            Genuine("envelope_no_chain.scale"), "--kds", NoService, "--at", "2026-11-01T00:00:00Z", "--json");

        exit.ShouldBe(ExitCode.Failed);
        JsonNode.Parse(output)!["reason"]!.GetValue<string>().ShouldBe("COLLATERAL_MISSING");
    }

    [Theory]
    [InlineData("--max-vmpl", "4")]
    [InlineData("--minimum-tcb", "firmware=3")]
    [InlineData("--report-data", "00")]
    [InlineData("--kds", "ftp://example.test")]
    [InlineData("--vcek", "/no/such/file")]
    public async Task Misuse_ends_with_2(string option, string value)
    {
        var file = Path.Combine(_folder, "report");
        await File.WriteAllBytesAsync(file, [3, 0, 0, 0]);

        (await RunAsync(file, option, value)).ExitCode.ShouldBe(ExitCode.Misuse);
    }

    private static IEnumerable<JsonElement> Cases()
        => Fixtures.Present ? Manifest.Value.GetProperty("cases").EnumerateArray() : [];

    private static string[] ArgumentsOf(JsonElement given)
    {
        var files = given.GetProperty("files");
        var roots = given.GetProperty("roots");
        List<string> arguments =
        [
            Snp(files.GetProperty("report").GetString()!), "--json", "--kds", NoService,
            "--at", given.GetProperty("verify_at").GetString()!,
        ];
        void AddFile(string name, string option)
        {
            if (files.TryGetProperty(name, out var path)) arguments.AddRange([option, Snp(path.GetString()!)]);
        }

        AddFile("leaf", "--vcek");
        AddFile("intermediate", "--ask");
        AddFile("crl", "--crl");
        var root = roots.GetProperty(given.GetProperty("product").GetString() is "Genoa" or "Turin"
            ? given.GetProperty("product").GetString()!
            : "Milan").GetString()!;
        if (!root.StartsWith("roots/amd/", StringComparison.Ordinal)) arguments.AddRange(["--root-ca", Snp(root)]);
        foreach (var option in given.GetProperty("options").EnumerateObject())
        {
            arguments.AddRange(option.Name switch
            {
                "allow_vlek" => ["--allow-vlek"],
                "allow_migration" => ["--allow-migration-agent"],
                "require_crl" => ["--require-crl"],
                "max_vmpl" => ["--max-vmpl", option.Value.GetUInt32().ToString(CultureInfo.InvariantCulture)],
                "minimum_tcb" => ["--minimum-tcb", Levels(option.Value)],
                var name => [$"--{name.Replace('_', '-')}", option.Value.GetString()!],
            });
        }

        return [.. arguments];
    }

    private static string Levels(JsonElement levels) => string.Join(',', levels.EnumerateObject().Select(level =>
    {
        var name = level.Name switch { "bl" => "bootloader", "ucode" => "microcode", var same => same };
        return $"{name}={level.Value.GetByte()}";
    }));

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await BrokerCtlProgram.RunAsync(
            [AttestationCommands.Create()], ["attestation", "verify", .. args], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string Genuine(string file) => Snp($"genuine/g21-dstack-milan-v3/{file}");

    private static string Snp(string path) => Fixtures.File(["snp", .. path.Split('/')]);
}
