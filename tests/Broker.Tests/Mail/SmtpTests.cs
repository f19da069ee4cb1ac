using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Broker.Tests.Hosting;
using MimeKit;

namespace Broker.Tests.Mail;

/// <summary>Mails by SMTP, against somebody else's server.</summary>
public sealed class SmtpTests : IDisposable
{
    /// <summary>
    /// A name that leads to this machine everywhere. Loopback's own is <c>localhost</c> in lower case and no other, so
    /// that TLS is required of this one.
    /// </summary>
    private const string Named = "LocalHost";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_mail_is_accepted_as_text_and_HTML_and_its_link_signs_in()
    {
        using var server = await NpmPeer.StartAsync("ses", "smtp.mjs");
        await using var broker = await BrokerApp.StartAsync(Settings("127.0.0.1", server));

        var requested = (await broker.RequestLinkAsync(label: "evil.example/x: <b>")).ShouldBeOk();

        var told = (await ToldAsync(server)).ShouldHaveSingleItem();
        told.GetProperty("from").GetString().ShouldBe(SesSite.Sender);
        told.GetProperty("to")[0].GetString().ShouldBe("alice@example.org");
        using var mail = MimeMessage.Load(
            new MemoryStream(System.Text.Encoding.UTF8.GetBytes(told.GetProperty("mail").GetString()!)));
        mail.Subject.ShouldBe("Your AgentKeys sign-in link");
        mail.Headers["Auto-Submitted"].ShouldBe("auto-generated");
        mail.Headers.Contains("List-Unsubscribe").ShouldBeFalse();
        mail.Body!.ContentType.MimeType.ShouldBe("multipart/alternative");
        var (text, html) = (mail.TextBody!, mail.HtmlBody!);
        foreach (var body in (string[])[text, html])
        {
            body.ShouldContain($"{BrokerApp.Issuer}/auth/email/landing#t=");
            body.ShouldContain(requested["compare_code"]!);
            body.ShouldContain("4 May 2026, 12:00 UTC");

            // A stranger's label neither marks up nor becomes a link.
            body.ShouldNotContain("evil.example");
        }

        html.ShouldContain("evil example x  &lt;b&gt;");
        (await broker.ConfirmAsync(MailSignIn.TokenIn(text))).ShouldBeOk();
    }

    /// <summary>The process as it ships; the certificate is trusted by OpenSSL's own variable.</summary>
    [Fact]
    public async Task A_server_elsewhere_gets_the_password_and_the_mail_over_STARTTLS()
    {
        var (key, certificate) = MakeCertificate();
        using var server = await NpmPeer.StartAsync("ses", "smtp.mjs",
            JsonSerializer.Serialize(new { key, cert = certificate, user = "broker", password = "a long password" }));
        await using var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(
            [
                .. Settings(Named, server), ("BROKER_SMTP_USERNAME", "broker"),
                ("BROKER_SMTP_PASSWORD_FILE", Secret("a long password\n")),
                ("SSL_CERT_FILE", Written("ca.pem", certificate)), ("BROKER_LOG_LEVEL", "trace"),
            ]), "--init");

        var requested = (await broker.RequestLinkAsync()).ShouldBeOk();

        var told = (await ToldAsync(server)).ShouldHaveSingleItem();
        told.GetProperty("secure").GetBoolean().ShouldBeTrue();
        told.GetProperty("user").GetString().ShouldBe("broker");
        var token = MailSignIn.TokenIn(told.GetProperty("mail").GetString()!);
        (await broker.ConfirmAsync(token)).ShouldBeOk();
        var session = (await broker.PollAsync(requested))["session_jwt"]!;

        // Nothing of it is in the log at its most talkative.
        broker.Terminate();
        var log = (await broker.WaitForEndAsync()).Errors;
        foreach (var secret in (string[])
            [
                "a long password", "alice", token, session, requested["request_id"]!, requested["compare_code"]!,
            ])
            log.ShouldNotContain(secret);
        log.ShouldContain("GET /v1/auth/email/status/{request_id} 200");
    }

    [Fact]
    public async Task A_server_elsewhere_that_offers_no_STARTTLS_gets_nothing()
    {
        using var server = await NpmPeer.StartAsync("ses", "smtp.mjs", """{"noTls":true}""");
        await using var broker = await BrokerApp.StartAsync(Settings(Named, server));

        (await broker.RequestLinkAsync()).ShouldRefuse(502, "backend_unreachable", "mail_not_sent")["message"]
            .ShouldBe("backend unreachable: smtp: the server offers no STARTTLS");
        server.Told.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_elsewhere_whose_certificate_nobody_vouches_for_gets_nothing()
    {
        var (key, cert) = MakeCertificate();
        using var server = await NpmPeer.StartAsync("ses", "smtp.mjs", JsonSerializer.Serialize(new { key, cert }));
        await using var broker = await BrokerApp.StartAsync(Settings(Named, server));

        (await broker.RequestLinkAsync()).ShouldRefuse(502, "backend_unreachable", "mail_not_sent")["message"]
            .ShouldBe("backend unreachable: smtp: no TLS session with the server");
        server.Told.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("MAIL 451", "the server refused the mail (451)")]
    [InlineData("RCPT 450", "the server refused the mail (450)")]
    [InlineData("DATA 554", "the server refused the mail (554)")]
    public async Task A_server_that_refuses_is_502_without_its_words(string refuse, string why)
    {
        using var server = await NpmPeer.StartAsync("ses", "smtp.mjs", JsonSerializer.Serialize(new { refuse }));
        await using var broker = await BrokerApp.StartAsync(Settings("127.0.0.1", server));

        var refused = await broker.RequestLinkAsync();

        refused.ShouldRefuse(502, "backend_unreachable", "mail_not_sent")["message"]
            .ShouldBe($"backend unreachable: smtp: {why}");
        refused.Text.ShouldNotContain("alice");
    }

    [Fact]
    public async Task Whether_a_mailbox_exists_is_told_to_nobody()
    {
        using var server = await NpmPeer.StartAsync("ses", "smtp.mjs", """{"refuse":"RCPT 550"}""");
        await using var broker = await BrokerApp.StartAsync(Settings("127.0.0.1", server));

        var answer = (await broker.RequestLinkAsync()).ShouldBeOk();

        (await broker.PollAsync(answer)).Text.ShouldBe("""{"status":"pending"}""");
    }

    [Fact]
    public async Task A_server_that_is_down_is_502()
    {
        await using var broker = await BrokerApp.StartAsync(Settings("127.0.0.1", 1));

        (await broker.RequestLinkAsync()).ShouldRefuse(502, "backend_unreachable", "mail_not_sent")["message"]
            .ShouldBe("backend unreachable: smtp: no connection to the server");
    }

    private static (string Name, string Value)[] Settings(string host, NpmPeer server) =>
        Settings(host, server.Place.GetProperty("port").GetInt32());

    private static (string Name, string Value)[] Settings(string host, int port) =>
    [
        ("BROKER_AUTH_METHODS", "wallet_sig,email_link"), ("BROKER_EMAIL_FROM_ADDRESS", SesSite.Sender),
        ("BROKER_EMAIL_SENDER", "smtp"), ("BROKER_SMTP_HOST", host),
        ("BROKER_SMTP_PORT", port.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>The server tells of a mail in its own time.</summary>
    private static Task<IReadOnlyList<JsonElement>> ToldAsync(NpmPeer server) =>
        Eventually.AsksAsync(() => Task.FromResult(server.Told), told => told.Count > 0);

    private static (string Key, string Certificate) MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Named}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (key.ExportPkcs8PrivateKeyPem(), certificate.ExportCertificatePem());
    }

    private string Secret(string text)
    {
        var path = Written("password", text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private string Written(string name, string text)
    {
        var path = _folder.File(name);
        File.WriteAllText(path, text);
        return path;
    }
}
