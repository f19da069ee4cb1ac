using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Broker.LocalCloud.Signing;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.Ses;

/// <summary>SES v2 over plain HTTP: no SDK for it is to be had, so requests are signed here.</summary>
public sealed class SesTests : IAsyncLifetime
{
    private const string Send = "/v2/email/outbound-emails";
    private CloudUnderTest _cloud = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _cloud = await CloudUnderTest.StartAsync();
        _http = new HttpClient { BaseAddress = _cloud.Host.BaseAddress };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task Takes_a_mail_and_shows_it()
    {
        var (status, _, body) = await CallAsync(HttpMethod.Post, Send, Mail().ToJsonString());

        status.ShouldBe(HttpStatusCode.OK);
        var mail = _cloud.Host.Mails.ShouldHaveSingleItem();
        ((string)body["MessageId"]!).ShouldBe(mail.MessageId);
        (mail.From, mail.Subject, mail.Text, mail.Html)
            .ShouldBe(("noreply@agentkeys.test", "Sign in", "the link", "<a>"));
        mail.To.ShouldBe(["alice@example.org"]);
        JsonNode.Parse(await _http.GetStringAsync("/_local/mails"))![0]!["subject"]!.GetValue<string>()
            .ShouldBe("Sign in");
    }

    [Theory]
    [InlineData("FromEmailAddress", "\"not an address\"")]
    [InlineData("FromEmailAddress", "null")]
    [InlineData("Destination", """{"ToAddresses":[]}""")]
    [InlineData("Destination", """{"ToAddresses":["nobody"]}""")]
    [InlineData("Destination", "null")]
    [InlineData("Content", """{"Raw":{"Data":"AAAA"}}""")]
    [InlineData("Content", """{"Simple":{"Subject":{"Data":"s"},"Body":{}}}""")]
    [InlineData("Content", """{"Simple":{"Subject":{},"Body":{"Text":{"Data":"t"}}}}""")]
    [InlineData("Content", "7")]
    public async Task Refuses_what_is_not_a_mail(string member, string value)
    {
        var mail = Mail();
        mail[member] = JsonNode.Parse(value);

        var (status, kind, body) = await CallAsync(HttpMethod.Post, Send, mail.ToJsonString());

        status.ShouldBe(HttpStatusCode.BadRequest);
        kind.ShouldBe("BadRequestException");
        ((string)body["message"]!).ShouldNotBeEmpty();
        _cloud.Host.Mails.ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_a_sender_that_is_not_verified()
    {
        var mail = Mail();
        mail["FromEmailAddress"] = "noreply@elsewhere.test";

        var (status, kind, _) = await CallAsync(HttpMethod.Post, Send, mail.ToJsonString());

        (status, kind).ShouldBe((HttpStatusCode.BadRequest, "MessageRejected"));
    }

    [Fact]
    public async Task Refuses_a_caller_without_the_permission()
    {
        var session = await _cloud.AssumeAsync(role: CloudUnderTest.VaultRole);

        var (status, kind, _) = await CallAsync(
            HttpMethod.Post, Send, Mail().ToJsonString(), await session.GetCredentialsAsync());

        (status, kind).ShouldBe((HttpStatusCode.Forbidden, "AccessDeniedException"));
    }

    [Fact]
    public async Task Refuses_an_unsigned_call_and_a_body_that_was_not_signed()
    {
        using var unsigned = await _http.PostAsync(Send, new StringContent(Mail().ToJsonString()));
        unsigned.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        unsigned.Headers.GetValues("x-amzn-ErrorType").ShouldBe(["MissingAuthenticationTokenException"]);

        var (status, kind, _) = await CallAsync(HttpMethod.Post, Send, Mail().ToJsonString(), signedBody: "{}");
        (status, kind).ShouldBe((HttpStatusCode.Forbidden, "InvalidSignatureException"));
    }

    [Fact]
    public async Task Knows_its_identities()
    {
        var (_, _, known) = await CallAsync(HttpMethod.Get, "/v2/email/identities/agentkeys.test", "");
        var (status, kind, _) = await CallAsync(HttpMethod.Get, "/v2/email/identities/elsewhere.test", "");

        known["VerifiedForSendingStatus"]!.GetValue<bool>().ShouldBeTrue();
        (status, kind).ShouldBe((HttpStatusCode.NotFound, "NotFoundException"));
    }

    private static JsonObject Mail() => JsonNode.Parse("""
        {
          "FromEmailAddress": "noreply@agentkeys.test",
          "Destination": { "ToAddresses": ["alice@example.org"] },
          "Content": { "Simple": { "Subject": { "Data": "Sign in" },
            "Body": { "Text": { "Data": "the link" }, "Html": { "Data": "<a>" } } } }
        }
        """)!.AsObject();

    private async Task<(HttpStatusCode Status, string? Kind, JsonNode Body)> CallAsync(
        HttpMethod method, string path, string body, ImmutableCredentials? credentials = null,
        string? signedBody = null)
    {
        credentials ??= await _cloud.DaemonCredentials().GetCredentialsAsync();
        var time = DateTimeOffset.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", null);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = _cloud.Host.BaseAddress.Authority,
            ["x-amz-date"] = time,
        };
        if (credentials.UseToken) headers["x-amz-security-token"] = credentials.Token;

        var scope = new SigningScope(time[..8], "us-east-1", "ses");
        var canonical = CanonicalRequest.Compose(
            method.Method, path, [], [.. headers.Keys], name => headers[name],
            CanonicalRequest.Hash(Encoding.UTF8.GetBytes(signedBody ?? body)));
        var signature = VerifiedSignature.Compute(
            scope.DeriveKey(credentials.SecretKey),
            scope.StringToSign(SigningScope.Algorithm, time, CanonicalRequest.Hash(canonical)));

        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"{SigningScope.Algorithm} Credential={credentials.AccessKey}/{scope}, "
            + $"SignedHeaders={string.Join(';', headers.Keys)}, Signature={signature}");
        using var answer = await _http.SendAsync(request);
        var kind = answer.Headers.TryGetValues("x-amzn-ErrorType", out var kinds) ? kinds.Single() : null;
        return (answer.StatusCode, kind, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
