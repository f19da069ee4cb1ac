using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.Attestation.Evidence;
using Broker.Kms.Keys;
using Broker.Kms.Lifecycle;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Lifecycle;

/// <summary>From a machine without keys to a KMS at work, in one process and on one port.</summary>
public sealed class BootstrapTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;
    private KmsNode _kms = null!;
    private KmsClient _client = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _kms = await KmsNode.StartAsync(_datacentre, _webhook);
        _kms.Host.Phase.ShouldBe(KmsPhase.Onboarding);
        _client = KmsClient.Plain(_kms.Address);
    }

    /// <summary>A common name has at most 64 characters (X.520 ub-common-name); a DNS name has up to 253.</summary>
    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(253)]
    public async Task The_certificate_of_a_long_domain_keeps_to_the_limit_of_common_names(int length)
    {
        var domain = string.Concat(Enumerable.Repeat($"{new string('a', 31)}.", 8))[..(length - 5)] + ".test";
        await _client.AnswerAsync("Onboard.Bootstrap", $"{{\"domain\":\"{domain}\"}}");
        using (var lookAhead = await _client.SendAsync(HttpMethod.Head, "/finish")) lookAhead.EnsureSuccessStatusCode();
        using var finish = await _client.SendAsync(HttpMethod.Get, "/finish");
        await _kms.WaitAsync(phase => phase == KmsPhase.Running);
        using var runtime = KmsClient.Plain(_kms.Address);
        await runtime.AnswerAsync("GetMeta", "{}");

        var shown = runtime.ServerCertificate!;
        var name = shown.SubjectName.EnumerateRelativeDistinguishedNames().ShouldHaveSingleItem()
            .GetSingleElementValue()!;
        name.ShouldBe(length <= 64 ? domain : "Dstack KMS RPC");
        name.Length.ShouldBeLessThanOrEqualTo(64);
        shown.MatchesHostname(domain, allowWildcards: false, allowCommonName: false).ShouldBeTrue();
    }

    [Fact]
    public async Task Bootstrap_finish_and_serve_on_the_same_port()
    {
        var onboarding = _kms.Address;
        var made = await _client.AnswerAsync("Onboard.Bootstrap", "{\"domain\":\"kms-src.example.test\"}");
        using var finish = await _client.SendAsync(HttpMethod.Get, "/finish");
        (await finish.Content.ReadAsStringAsync()).ShouldBe("OK");
        finish.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        await _kms.WaitAsync(phase => phase == KmsPhase.Running);

        _kms.Address.ShouldBe(onboarding);
        using var runtime = KmsClient.Plain(_kms.Address);
        var meta = await runtime.AnswerAsync("KMS.GetMeta", "{}");
        meta.GetProperty("k256_pubkey").GetString().ShouldBe(made.GetProperty("k256_pubkey").GetString());
        var info = meta.GetProperty("bootstrap_info");
        foreach (var name in new[] { "ca_pubkey", "k256_pubkey", "attestation" })
            info.GetProperty(name).GetString().ShouldBe(made.GetProperty(name).GetString());
        using var rootCa = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(
            meta.GetProperty("ca_cert").GetString()!);
        Convert.ToHexStringLower(rootCa.PublicKey.ExportSubjectPublicKeyInfo())
            .ShouldBe(made.GetProperty("ca_pubkey").GetString());
        (await runtime.RefusalAsync("Onboard.Bootstrap", "{\"domain\":\"x\"}")).ShouldStartWith("Service not found");
    }

    [Fact]
    public async Task The_attestation_binds_both_public_keys()
    {
        var made = await _client.AnswerAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");

        var attestation = VersionedAttestation.Decode(
            Convert.FromHexString(made.GetProperty("attestation").GetString()!)).Value!;
        attestation.ReportData.ToArray().ShouldBe(BootstrapStatement.ReportData(
            Convert.FromHexString(made.GetProperty("ca_pubkey").GetString()!),
            Convert.FromHexString(made.GetProperty("k256_pubkey").GetString()!)));
        var verdict = await new AttestationVerifier(_datacentre.Verifier)
            .VerifyAsync(attestation, null, DateTimeOffset.UtcNow, CancellationToken.None);
        verdict.ShouldBeOfType<VerifiedTdxAttestation>();
    }

    [Fact]
    public async Task A_second_bootstrap_is_refused_and_changes_nothing()
    {
        await _client.AnswerAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");
        var before = _kms.Keys.Read(KeyDirectory.RootCaKey);

        (await _client.RefusalAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}"))
            .ShouldBe("KMS has already been bootstrapped");
        (await _client.RefusalAsync("Onboard", "{\"source_url\":\"https://x\",\"domain\":\"kms.example.test\"}"))
            .ShouldBe("KMS has already been onboarded");

        _kms.Keys.Read(KeyDirectory.RootCaKey).ShouldBe(before);
    }

    [Fact]
    public async Task Two_bootstraps_at_once_make_one_key_set()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => _client.PostAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}")));

        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task A_denied_machine_makes_no_keys()
    {
        _webhook.Deny("aggregated MR not allowed");

        (await _client.RefusalAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}"))
            .ShouldBe("KMS is not allowed to bootstrap: boot denied: aggregated MR not allowed");

        Directory.Exists(_kms.Options.CertDir).ShouldBeFalse();
        var entry = _kms.Entries().Single();
        entry.Kind.ShouldBe("kms_bootstrap");
        entry.Outcome.ShouldBe("denied");
        entry.Subject.ShouldStartWith("kms/");
        _webhook.Allow();
        await _client.AnswerAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");
        _kms.Entries()[^1].Outcome.ShouldBe("ok");
    }

    [Fact]
    public async Task A_machine_that_cannot_attest_makes_no_keys()
    {
        _kms.Machine.Broken = "no such socket";

        (await _client.RefusalAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}")).ShouldBe(
            "KMS is not allowed to bootstrap: failed to build local KMS boot info: "
            + "Failed to get local KMS attestation: no such socket");

        Directory.Exists(_kms.Options.CertDir).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_ledger_no_keys_are_made()
    {
        await _kms.Ledger.DisposeAsync();

        var (status, _) = await _client.PostAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");

        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Directory.Exists(_kms.Options.CertDir).ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "domain must be a non-empty ASCII DNS name of at most 253 bytes")]
    [InlineData("bücher.example", "domain must be a non-empty ASCII DNS name of at most 253 bytes")]
    [InlineData("a..b", "domain contains an invalid DNS label")]
    [InlineData("-a.example", "domain contains an invalid DNS label")]
    [InlineData("a_b.example", "domain contains an invalid DNS label")]
    public async Task A_domain_that_is_none_is_refused(string domain, string text) =>
        (await _client.RefusalAsync("Bootstrap", JsonSerializer.Serialize(new { domain }))).ShouldBe(text);

    [Fact]
    public async Task Attestation_info_shows_what_the_policy_will_be_asked()
    {
        var info = await _client.AnswerAsync("Onboard.GetAttestationInfo", "{}");
        await _client.AnswerAsync("Bootstrap", "{\"domain\":\"10.0.2.2\"}");

        var asked = _webhook.Questions[^1].Body;
        info.GetProperty("mr_aggregated").GetString().ShouldBe(asked.GetProperty("mrAggregated").GetString());
        info.GetProperty("device_id").GetString().ShouldBe(asked.GetProperty("deviceId").GetString());
        info.GetProperty("os_image_hash").GetString().ShouldBe(asked.GetProperty("osImageHash").GetString());
        info.GetProperty("tee_variant").GetString().ShouldBe("dstack-tdx");
        info.GetProperty("site_name").GetString().ShouldBe("test site");
        info.GetProperty("eth_rpc_url").GetString().ShouldBe("http://eth");
        info.GetProperty("kms_contract_address").GetString().ShouldBe("0xcontract");
        var ppid = Convert.FromHexString(info.GetProperty("ppid").GetString()!);
        Convert.ToHexStringLower(SHA256.HashData(ppid)).ShouldBe(info.GetProperty("device_id").GetString());
    }

    [Fact]
    public async Task Between_the_phases_nobody_is_told_that_a_method_does_not_exist()
    {
        await _client.AnswerAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");
        var address = _kms.Address;
        using var finish = await _client.SendAsync(HttpMethod.Get, "/finish");
        finish.StatusCode.ShouldBe(HttpStatusCode.OK);

        var status = HttpStatusCode.ServiceUnavailable;
        for (var attempt = 0; attempt < 1000 && status != HttpStatusCode.OK; attempt++)
        {
            using var client = KmsClient.Plain(address);
            try
            {
                (status, var answer) = await client.PostAsync("GetMeta", "{}");
                answer.ToString().ShouldNotContain("Service not found");
            }
            catch (HttpRequestException)
            {
                // Nobody listens while the server's certificate is made.
                await Task.Delay(5);
            }
        }

        status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Finishing_without_keys_is_refused_and_changes_nothing()
    {
        const string early = "KMS has no keys yet: bootstrap it or onboard it first";
        (await _client.RefusalAsync("Finish", "{}")).ShouldBe(early);
        (await _client.RefusalAsync("Onboard.Finish", "{}")).ShouldBe(early);
        using var finish = await _client.SendAsync(HttpMethod.Get, "/finish");
        finish.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await finish.Content.ReadAsStringAsync()).ShouldBe(early);

        _kms.Host.Phase.ShouldBe(KmsPhase.Onboarding);
        _kms.Host.ExecuteTask!.IsCompleted.ShouldBeFalse();
        await _client.AnswerAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.OK)]
    [InlineData("none", HttpStatusCode.OK)]
    public async Task Other_web_sites_cannot_use_an_operators_browser(string site, HttpStatusCode expected)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null },
        };
        using var browser = new HttpClient(handler) { BaseAddress = _kms.Address };
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", site);

        using var answer = await browser.PostAsync(
            "/prpc/Bootstrap", new StringContent("{\"domain\":\"kms.example.test\"}"));

        answer.StatusCode.ShouldBe(expected);
        _kms.Keys.HasRootKey.ShouldBe(expected == HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_page_needs_nothing_from_elsewhere()
    {
        using var page = await _client.SendAsync(HttpMethod.Get, "/");
        var html = await page.Content.ReadAsStringAsync();

        page.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
        html.ShouldContain("<script src=\"/onboard.js\">");
        foreach (var asset in new[] { "/onboard.js", "/onboard.css", "/health" })
        {
            using var response = await _client.SendAsync(HttpMethod.Get, asset);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _kms.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }
}
