using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Attestation.Evidence;
using Broker.Attestation.Issuers;
using Broker.Attestation.Quotes;
using Broker.Attestation.RaTls;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Doctor;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Issuer;

/// <summary>What a broker in a simulated machine publishes of itself, and what one elsewhere answers.</summary>
public sealed class IssuerEvidenceTests(IssuerSite site) : IClassFixture<IssuerSite>
{
    private const string Path = ".well-known/issuer-attestation";

    [Fact]
    public async Task Is_over_the_callers_nonce_and_not_kept()
    {
        var (nonce, other) = (new string('1', 64), new string('2', 64));

        using var first = await site.Trusted.Http.GetAsync(new Uri($"{Path}?nonce={nonce}", UriKind.Relative));
        var second = await site.Trusted.EvidenceAsync($"?nonce={other}");

        first.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var read = IssuerEvidenceDocument.Read(await first.Content.ReadAsByteArrayAsync()).Value!;
        Convert.ToHexStringLower(read.Statement.Nonce.Span).ShouldBe(nonce);
        read.Attestation.ReportData.ToArray().ShouldBe(read.Statement.ReportData());
        ((TdxAttestation)read.Attestation).Quote.Parsed.Quote!.TdReport!.ReportData.ToArray()
            .ShouldBe(read.Statement.ReportData());
        ((string?)second["nonce"]).ShouldBe(other);
        ((string?)second["attestation"]).ShouldNotBe(Convert.ToHexStringLower(read.Attestation.Encode()));
    }

    [Fact]
    public async Task Without_a_nonce_the_same_evidence_is_answered_for_a_while()
    {
        using var first = await site.Trusted.Http.GetAsync(new Uri(Path, UriKind.Relative));
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(Path, UriKind.Relative));
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var known = await site.Trusted.Http.SendAsync(again);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.Headers.CacheControl!.Public.ShouldBeTrue();
        known.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        JsonNode.Parse(await first.Content.ReadAsStringAsync())!["nonce"].ShouldBeNull();
    }

    [Fact]
    public async Task Is_made_anew_when_it_is_too_old_and_refused_when_the_machine_gives_none()
    {
        await using var broker = await AttestedBroker.StartAsync(
            site.Pki, "short", [], ("BROKER_ISSUER_EVIDENCE_MAX_AGE", "1s"));
        var first = (long)(await broker.EvidenceAsync())["made_at"]!;
        var keys = await broker.Http.GetStringAsync(new Uri(".well-known/jwks.json", UriKind.Relative));

        await Task.Delay(TimeSpan.FromSeconds(2));
        ((long)(await broker.EvidenceAsync())["made_at"]!).ShouldBeGreaterThan(first);

        await broker.StopMachineAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        using var refused = await broker.Http.GetAsync(new Uri(Path, UriKind.Relative));
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        var body = await refused.Content.ReadAsStringAsync();
        ((string?)JsonNode.Parse(body)!["code"]).ShouldBe("evidence_unavailable");
        body.ShouldNotContain(".sock");
        (await broker.Http.GetStringAsync(new Uri(".well-known/jwks.json", UriKind.Relative))).ShouldBe(keys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000G")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("00000000000000000000000000000000&nonce=00000000000000000000000000000000")]
    public async Task A_nonce_of_another_form_is_refused(string nonce)
    {
        using var refused = await site.Trusted.Http.GetAsync(new Uri($"{Path}?nonce={nonce}", UriKind.Relative));

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]).ShouldBe("invalid_nonce");
    }

    [Fact]
    public async Task Fresh_evidence_is_limited_and_kept_evidence_is_not()
    {
        await using var broker = await AttestedBroker.StartAsync(
            site.Pki, "limited", [], ("BROKER_RATE_LIMIT_EVIDENCE_PER_HOUR_PER_IP", "2"));
        var nonce = new string('0', 32);
        await broker.EvidenceAsync($"?nonce={nonce}");
        await broker.EvidenceAsync($"?nonce={nonce}");

        using var refused = await broker.Http.GetAsync(new Uri($"{Path}?nonce={nonce}", UriKind.Relative));

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        ((string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]).ShouldBe("evidence_rate_limited");
        (await broker.EvidenceAsync())["nonce"].ShouldBeNull();
    }

    [Fact]
    public async Task A_broker_outside_a_machine_says_so()
    {
        await using var broker = await SoleBroker.StartAsync(issuer: null);
        using var http = new HttpClient { BaseAddress = broker.Address };

        using var refused = await http.GetAsync(new Uri(Path, UriKind.Relative));
        var discovery = JsonNode.Parse(
            await http.GetStringAsync(new Uri(".well-known/openid-configuration", UriKind.Relative)))!;

        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]).ShouldBe("issuer_not_attested");
        discovery["issuer_attestation_endpoint"].ShouldBeNull();
        var (code, _, error) = await IssuerSite.RunAsync("issuer", "verify", broker.Address.AbsoluteUri);
        code.ShouldBe(ExitCode.Failed);
        error.ShouldContain("runs in no confidential machine");
    }

    [Fact]
    public async Task The_jwks_carries_the_machines_evidence_over_each_key()
    {
        using var first = await site.Trusted.Http.GetAsync(new Uri(".well-known/jwks.json", UriKind.Relative));
        using var second = await site.Trusted.Http.GetAsync(new Uri(".well-known/jwks.json", UriKind.Relative));
        second.Headers.ETag.ShouldBe(first.Headers.ETag);

        var key = JsonNode.Parse(await first.Content.ReadAsStringAsync())!["keys"]![0]!;
        using var certificate =
            X509CertificateLoader.LoadCertificate(Convert.FromBase64String((string)key["x5c"]![0]!));
        var read = RaTlsCertificate.Read(certificate).Value!;

        read.Attestation!.ReportData.ToArray().ShouldBe(read.ExpectedReportData());
        certificate.Subject.ShouldBe("CN=127.0.0.1");
        using var publicKey = certificate.GetECDsaPublicKey()!;
        Base64Url.EncodeToString(publicKey.ExportParameters(includePrivateParameters: false).Q.X)
            .ShouldBe((string?)key["x"]);
        ((string?)JsonNode.Parse(await site.Trusted.Http.GetStringAsync(
            new Uri(".well-known/openid-configuration", UriKind.Relative)))!["issuer_attestation_endpoint"])
            .ShouldBe($"{site.Trusted.Issuer}/{Path}");
    }

    [Fact]
    public async Task The_signer_has_a_quote_over_its_master_secret()
    {
        var port = ServerProcess.FreePort();
        await using var broker = await AttestedBroker.StartAsync(
            site.Pki, "signer", [], ("BROKER_MODULES", "broker,signer"), ("BROKER_SIGNER_PORT", $"{port}"),
            ("DEV_KEY_SERVICE_MASTER_SECRET", new string('7', 64)));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };

        var answer = JsonNode.Parse(await http.GetStringAsync(new Uri("dev/attestation", UriKind.Relative)))!;

        ((string?)answer["quote_format"]).ShouldBe("tdx");
        ((int)answer["key_version"]!).ShouldBe(1);
        ((string?)answer["signer_url"]).ShouldBe(broker.Issuer);
        var publicKey = Convert.FromHexString(((string)answer["attested_pubkey"]!)[2..]);
        publicKey.Length.ShouldBe(33);
        byte[] content =
        [
            1, 1, .. BigEndian((ulong)(long)answer["issued_at"]!, 8), .. BigEndian(33, 4), .. publicKey,
            .. BigEndian((ulong)broker.Issuer.Length, 4), .. Encoding.ASCII.GetBytes(broker.Issuer),
        ];
        var quote = QuoteParser.Parse(Convert.FromHexString((string)answer["quote"]!)).Quote!;
        quote.TdReport!.ReportData.ToArray().ShouldBe(ReportDataBinding.Compute("agentkeys-signer", content));
    }

    private static byte[] BigEndian(ulong value, int size) =>
        [.. Enumerable.Range(0, size).Select(at => (byte)(value >> (8 * (size - 1 - at))))];
}
