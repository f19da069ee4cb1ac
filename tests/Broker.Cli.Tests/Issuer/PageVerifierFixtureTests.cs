using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Cli.Tests.Issuer;

/// <summary>
/// The script of the page at <c>/verify</c>, run by Node over quotes that other people made and judged: it gives the
/// verdicts of the independent model, to the code, at every time that the fixtures name.
/// </summary>
public sealed class PageVerifierFixtureTests
{
    private static readonly string Source = Path.Combine(Fixtures.RepositoryRoot, "src", "Broker");

    [FixtureFact]
    public async Task Judges_quotes_as_the_reference_model()
    {
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Fixtures.File("tdx", "manifest.json")));
        var judged = await JudgeAsync(new
        {
            quotes = manifest.RootElement.GetProperty("cases").EnumerateArray().Select(one => new
            {
                id = one.GetProperty("id").GetString(),
                quote = FileOf(one, "quote"),
                collateral = FileOf(one, "collateral"),
                root = FileOf(one, "root"),
                expected = FileOf(one, "expected"),
                now = one.GetProperty("now").GetInt64(),
                strict = one.GetProperty("strict"),
            }),
        });

        judged.GetProperty("differences").EnumerateArray().Select(one => one.GetString()).ShouldBeEmpty();
        judged.GetProperty("judged").GetInt32().ShouldBeGreaterThan(200);
    }

    [FixtureTheory]
    [InlineData("attestation_v0.bin", "")]
    [InlineData("attestation_v0_stripped.bin", "")]
    [InlineData("attestation_v1.msgpack", "")]
    [InlineData("attestation_v1_bin.msgpack", "")]
    [InlineData("attestation_v0_patched_report_data.bin", "QUOTE_SIGNATURE")]
    [InlineData("attestation_v0_trailing.bin", "EVIDENCE_MALFORMED")]
    [InlineData("attestation_v0_truncated.bin", "EVIDENCE_MALFORMED")]
    [InlineData("attestation_v1_trailing.msgpack", "EVIDENCE_MALFORMED")]
    [InlineData("attestation_v1_pod_patched.msgpack", "QUOTE_SIGNATURE")]
    public async Task Reads_envelopes_and_measures_as_dstack_does(string file, string code)
    {
        var judged = await JudgeAsync(new
        {
            envelope = Fixtures.File("tdx", "dstack", "simulator", file),
            collateral = Fixtures.File("tdx", "real", "r12_dstack_simulator_quote", "collateral.json"),
            root = Fixtures.File("tdx", "roots", "intel_sgx_root_ca.der"),
            now = DateTimeOffset.Parse("2026-02-10T07:39:21Z", System.Globalization.CultureInfo.InvariantCulture)
                .ToUnixTimeSeconds(),
        });

        judged.GetProperty("code").GetString().ShouldBe(code);
        if (code.Length > 0) return;
        string Measured(string name) => judged.GetProperty("measured").GetProperty(name).GetString()!;
        Measured("mr_aggregated").ShouldBe("85334a62c97d0f8bf82d0245d31b539d17a2d7c258e2a13efc928aaea0e107cb");
        Measured("mr_aggregated_boot_time")
            .ShouldBe("787f9fe525fcb61e81f31a30225a86674412088f2f1b683a421a7e9cbcd40551");
        Measured("mr_system").ShouldBe("51ea38f8eee6dc72dbae9b74531ae6d6204295d265dabb4e6c34621a2a1a1197");
        Measured("mr_system_boot_time").ShouldBe("ef6af583432288c877e412740aa7d8a844a18920ad98e9b1d95d42a07a3044c8");
        Measured("app_id").ShouldBe("5bb4ff9a3837357f19dc176407a5709c62eb6c56");
        Measured("device_id").ShouldBe("c07347d88ac7ef3d42d02ceb80a0e3ac66981cf7382f72d0692ec591ea58cf1f");
        Measured("tcb_status").ShouldBe("UpToDate");
    }

    /// <summary>The vector of <c>IssuerStatementTests</c>.</summary>
    [Fact]
    public async Task Binds_an_issuer_as_documented()
    {
        var judged = await JudgeAsync(new
        {
            statement = new
            {
                issuer = "https://broker.example",
                madeAt = 1_780_000_000,
                nonce = Enumerable.Range(0, 16),
                keys = new[] { "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo" },
                ledgerKey = "broker.example/ledger+00000000+AQ==",
            },
        });

        judged.GetProperty("reportData").GetString().ShouldBe(
            "fb14d3f9fba389106b47182e6d0c8643e81fa4d8a456bcc47a796dd423e79ebb"
            + "7326841adb2db7d5727f6ec10c79b60a1c0ace65dfe7651fe629ea516b806bcb");
    }

    /// <summary>JSON that two readers could take for two documents is none (RFC 7493 §2.3).</summary>
    [Theory]
    [InlineData("""{"a":1,"b":[true,null,"\u00e4"],"c":{"d":-1.5e3}}""", true)]
    [InlineData("""{"a":1,"a":2}""", false)]
    [InlineData("""{"a":1,"\u0061":2}""", false)]
    [InlineData("""{"a":1} {}""", false)]
    [InlineData("""{"a":1,}""", false)]
    [InlineData("""["\ud800"]""", false)]
    [InlineData("""[01]""", false)]
    [InlineData("""[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]""", true)]
    [InlineData("""[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]""", false)]
    public async Task Reads_json_in_one_way_only(string json, bool isRead) =>
        (await JudgeAsync(new { json })).GetProperty("isRead").GetBoolean().ShouldBe(isRead);

    private static Task<JsonElement> JudgeAsync(object question) => Npm.RunAsync(
        "verifier.mjs", new { source = Source, question }, "browser");

    private static string FileOf(JsonElement one, string name) =>
        Fixtures.File("tdx", one.GetProperty(name).GetString()!);
}
