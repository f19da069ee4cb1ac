using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tests.Tee;

public sealed class TeeCommandsTests : IDisposable
{
    private readonly DirectoryInfo _pki = Directory.CreateTempSubdirectory("tee");

    public TeeCommandsTests()
    {
        using var pki = SimulatedPki.Create(DateTimeOffset.UtcNow);
        pki.Save(_pki.FullName);
    }

    private TrustAnchors Anchors => TrustAnchors.External(
        File.ReadAllBytes(Path.Combine(_pki.FullName, "root-ca.der")),
        new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true });

    [Fact]
    public async Task What_the_agent_attests_is_verified_with_what_the_pccs_serves()
    {
        var port = FreePort();
        await using var tee = await SimulatedTee.StartAsync(_pki.FullName, "alice", "--pccs-port", $"{port}");
        var reportData = RandomNumberGenerator.GetBytes(64);

        var attested = await tee.PostAsync(
            "Attest", new JsonObject { ["report_data"] = Convert.ToHexStringLower(reportData) });

        var envelope = Convert.FromHexString(attested["attestation"]!.GetValue<string>());
        var evidence = VersionedAttestation.Decode(envelope).Value.ShouldNotBeNull();
        var verdict = await Verifier(port).VerifyAsync(
            evidence, reportData, DateTimeOffset.UtcNow, CancellationToken.None);
        var verified = verdict.ShouldBeOfType<VerifiedTdxAttestation>();
        verified.Quote.Status.ShouldBe(TcbStatus.UpToDate);
    }

    [Theory]
    [InlineData("TD_DEBUG", "--debug-td")]
    [InlineData("PCK_CERT_EXPIRED", "--expire")]
    [InlineData("PCK_CERT_REVOKED", "--revoke")]
    [InlineData("TCB_REVOKED", "--tcb-status", "Revoked")]
    public async Task A_machine_made_bad_is_refused_for_that(string code, params string[] flags)
    {
        var port = FreePort();
        await using var tee = await SimulatedTee.StartAsync(
            _pki.FullName, "mallory", ["--pccs-port", $"{port}", .. flags]);

        var answer = await tee.PostAsync("GetQuote", new JsonObject { ["report_data"] = "" });

        var file = Path.Combine(_pki.FullName, "quote.hex");
        await File.WriteAllTextAsync(file, answer["quote"]!.GetValue<string>());
        var (exit, output, error) = await SimulatedTee.RunAsync(
            "quote", "verify", "--quote", file, "--pccs", $"http://127.0.0.1:{port}",
            "--root-ca", Path.Combine(_pki.FullName, "root-ca.der"), "--json");
        exit.ShouldBe(ExitCode.Failed, error);
        var verdict = JsonNode.Parse(output)!;
        verdict["reason"]!.GetValue<string>().ShouldBe(code);
        verdict["status"].ShouldBeNull();
    }

    [Fact]
    public async Task Two_names_are_two_platforms_and_one_pccs_serves_both()
    {
        var port = FreePort();
        await using var bob = await SimulatedTee.StartAsync(
            _pki.FullName, "bob", "--tcb-status", "OutOfDate", "--td15", "--pccs-port", $"{port}");
        var second = await PlatformAsync(bob, port);
        var alice = await SimulatedTee.StartAsync(_pki.FullName, "alice");
        var first = await PlatformAsync(alice, port);
        await alice.DisposeAsync();

        // Started again it is the same platform, under the same name and on the same socket.
        await using var aliceAgain = await SimulatedTee.StartAsync(_pki.FullName, "alice");
        var third = await PlatformAsync(aliceAgain, port);

        first.Platform.Ppid.ToArray().ShouldBe(third.Platform.Ppid.ToArray());
        first.Platform.Ppid.ToArray().ShouldNotBe(second.Platform.Ppid.ToArray());
        second.Status.ShouldBe(TcbStatus.OutOfDate);
        second.Quote.Header.Version.ShouldBe((ushort)5);
    }

    [Fact]
    public async Task Refuses_a_request_with_a_name_twice()
    {
        await using var tee = await SimulatedTee.StartAsync(_pki.FullName, "dora");

        (await tee.StatusOfAsync("Attest", """{"report_data":"00","report_data":"01"}""")).ShouldBe(400);
        (await tee.StatusOfAsync("Attest", """{"report_data":"00"}""")).ShouldBe(200);
    }

    [Fact]
    public async Task Measures_the_events_and_hands_out_the_vm_config_that_it_is_given()
    {
        var events = Path.Combine(_pki.FullName, "events.json");
        var digest = new string('a', 96);
        await File.WriteAllTextAsync(events, $$"""
            [{"imr":0,"event_type":1,"digest":"{{digest}}","event":"boot","event_payload":""},
             {"imr":3,"event_type":134217729,"digest":"","event":"system-ready","event_payload":""}]
            """);
        var vmConfig = Path.Combine(_pki.FullName, "vm.json");
        await File.WriteAllTextAsync(vmConfig, """{"os_image_hash":"aa","cpu_count":2}""");
        await using var tee = await SimulatedTee.StartAsync(
            _pki.FullName, "carol", "--events", events, "--vm-config", vmConfig, "--mr-td", new string('7', 96));

        var info = await tee.PostAsync("Info", []);
        var answer = await tee.PostAsync("GetQuote", new JsonObject { ["report_data"] = "00" });
        var bytes = Convert.FromHexString(answer["quote"]!.GetValue<string>());
        var quote = QuoteParser.Parse(bytes).Quote.ShouldNotBeNull();

        info["vm_config"]!.GetValue<string>().ShouldBe("""{"os_image_hash":"aa","cpu_count":2}""");
        var report = quote.TdReport.ShouldNotBeNull();
        Convert.ToHexStringLower(report.MrTd.Span).ShouldBe(new string('7', 96));
        report.RtMr0.ToArray().ShouldBe(SHA384.HashData([.. new byte[48], .. Enumerable.Repeat((byte)0xaa, 48)]));
    }

    [FixtureFact]
    public async Task Measures_as_another_guest_did_down_to_its_log_and_config()
    {
        var other = Fixtures.File("tdx", "dstack", "verifier", "tdx-lite-attestation_v0.bin");
        var port = FreePort();
        await using var tee = await SimulatedTee.StartAsync(
            _pki.FullName, "frank", "--pccs-port", $"{port}", "--like", other);

        var attested = await tee.PostAsync("Attest", new JsonObject { ["report_data"] = "07" });

        var envelope = Convert.FromHexString(attested["attestation"]!.GetValue<string>());
        var evidence = VersionedAttestation.Decode(envelope).Value.ShouldNotBeNull();
        var verified = (await Verifier(port).VerifyAsync(evidence, null, DateTimeOffset.UtcNow, CancellationToken.None))
            .ShouldBeOfType<VerifiedTdxAttestation>();
        var original = VersionedAttestation.Decode(await File.ReadAllBytesAsync(other)).Value
            .ShouldBeOfType<TdxAttestation>();
        var expected = original.Quote.Parsed.Quote!.TdReport.ShouldNotBeNull();
        var actual = verified.Quote.Quote.TdReport.ShouldNotBeNull();
        actual.MrTd.ToArray().ShouldBe(expected.MrTd.ToArray());
        actual.RtMr0.ToArray().ShouldBe(expected.RtMr0.ToArray());
        actual.RtMr3.ToArray().ShouldBe(expected.RtMr3.ToArray());
        evidence.Config.ShouldBe(original.Config);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"report_data":7}""")]
    [InlineData("""{"report_data":"0"}""")]
    [InlineData("""{"report_data":"zz"}""")]
    public async Task Refuses_report_data_that_is_none(string body)
    {
        await using var tee = await SimulatedTee.StartAsync(_pki.FullName, "dave");

        var answer = await tee.PostAsync("Attest", JsonNode.Parse(body)!.AsObject());

        answer["status"]!.GetValue<int>().ShouldBe(400);
        answer["error"]!.GetValue<string>().ShouldContain("report_data");
    }

    [Fact]
    public async Task Stops_cleanly()
    {
        var tee = await SimulatedTee.StartAsync(_pki.FullName, "erin");

        (await tee.StopAsync()).ShouldBe(ExitCode.Ok);

        await tee.DisposeAsync();
    }

    [Fact]
    public async Task Pki_prints_the_root_and_never_replaces_keys()
    {
        var folder = Path.Combine(_pki.FullName, "new");

        var made = await SimulatedTee.RunAsync("tee", "pki", folder);
        var again = await SimulatedTee.RunAsync("tee", "pki", folder);

        made.ExitCode.ShouldBe(ExitCode.Ok, made.Error);
        made.Output.ShouldContain(Path.Combine(folder, "root-ca.der"));
        again.ExitCode.ShouldBe(ExitCode.Failed);
    }

    [Theory]
    [InlineData("--tcb-status", "TDRelaunchAdvised")]
    [InlineData("--pccs-port", "70000")]
    [InlineData("--mr-td", "7")]
    [InlineData("--events", "/nowhere/events.json")]
    public async Task Misuse_is_exit_code_2(params string[] wrong)
    {
        var socket = Path.Combine(_pki.FullName, "x.sock");

        var run = await SimulatedTee.RunAsync(
            ["tee", "simulate", "--socket", socket, "--pki", _pki.FullName, "--name", "x", .. wrong]);

        run.ExitCode.ShouldBe(ExitCode.Misuse, run.Error);
        run.Error.ShouldNotBeEmpty();
    }

    public void Dispose() => _pki.Delete(recursive: true);

    private AttestationVerifier Verifier(int port) => new(new CollateralBackedVerifier(
        Anchors, new PccsCollateralOrigin(
            PccsCollateralOrigin.CreateClient(), new PccsOptions { Address = new Uri($"http://127.0.0.1:{port}") })));

    private async Task<VerifiedQuote> PlatformAsync(SimulatedTee tee, int port)
    {
        var answer = await tee.PostAsync("GetQuote", new JsonObject { ["report_data"] = "" });
        var verifier = new CollateralBackedVerifier(Anchors, new PccsCollateralOrigin(
            PccsCollateralOrigin.CreateClient(), new PccsOptions { Address = new Uri($"http://127.0.0.1:{port}") }));
        var verdict = await verifier.VerifyAsync(
            QuoteParser.Parse(Convert.FromHexString(answer["quote"]!.GetValue<string>())), DateTimeOffset.UtcNow,
            CancellationToken.None);
        return verdict.ShouldBeOfType<VerifiedQuote>(verdict.ToString());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
