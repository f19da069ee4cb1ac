using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Broker.Kms.Admin;
using Broker.Kms.Configuration;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Admin;

/// <summary>Who gets in at the admin listener, and what wrong tokens cost.</summary>
public sealed class AdminDoorTests : IAsyncLifetime
{
    /// <summary>
    /// "correct horse battery" twice and "pässword", as libxcrypt hashes them in the three forms.
    /// </summary>
    private const string Htpasswd =
        """
        # operators
        alice:$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.
        bob:$2a$04$zbcdefghijklmnopqrstuu2cM6odEqXi0QBQOr6gYPKvrhahhejqe

        carol:$2b$04$zbcdefghijklmnopqrstuu48DV4WjhAs30zg0ylC1/Tuz96WGDVb2
        """;

    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;
    private KmsNode _kms = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _kms = await KmsNode.StartRunningAsync(_datacentre, _webhook, alter: options => options with
        {
            AdminEnabled = true,
            AdminPort = 0,
            AdminAuthToken = Token,
            AdminUsers = HtpasswdFile.Parse(Htpasswd),
            AdminTokenHash = Convert.ToHexStringLower(SHA256.HashData("let me in"u8)),
        });
        _http = new HttpClient { BaseAddress = _kms.Host.AdminAddress };
    }

    [Theory]
    [InlineData("alice:correct horse battery", HttpStatusCode.OK)]
    [InlineData("bob:correct horse battery", HttpStatusCode.OK)]
    [InlineData("carol:pässword", HttpStatusCode.OK)]
    [InlineData("carol:correct horse battery", HttpStatusCode.Unauthorized)]
    [InlineData("dave:correct horse battery", HttpStatusCode.Unauthorized)]
    [InlineData("alice:", HttpStatusCode.Unauthorized)]
    [InlineData("anybody:" + Token, HttpStatusCode.OK)]
    [InlineData(Token + ":", HttpStatusCode.OK)]
    public async Task A_password_of_the_file_or_the_token_opens(string pair, HttpStatusCode expected) =>
        (await AskAsync("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)))).ShouldBe(expected);

    [Fact]
    public async Task Wrong_tokens_are_recorded_and_limited_and_the_right_one_still_opens()
    {
        var before = Wrong();
        for (var i = 0; i < WrongTokenLimit.PerAddress; i++)
            (await AskAsync("Bearer", $"guess-{i}")).ShouldBe(HttpStatusCode.Unauthorized);

        (await AskAsync("Bearer", "one more")).ShouldBe(HttpStatusCode.TooManyRequests);

        (Wrong() - before).ShouldBe(WrongTokenLimit.PerAddress);
        _kms.Entries()[^1].Outcome.ShouldBe("auth_failed");
        (await AskAsync("Bearer", Token)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Wrong_tokens_on_the_main_service_count_with_them()
    {
        using var client = KmsClient.Plain(_kms.Address);
        for (var i = 0; i < WrongTokenLimit.PerAddress; i++)
            (await client.RefusalAsync("ClearImageCache", "{\"token\":\"guess\"}")).ShouldBe("Invalid token");

        var (status, _) = await client.PostAsync("ClearImageCache", "{\"token\":\"guess\"}");

        status.ShouldBe(HttpStatusCode.TooManyRequests);
        Wrong().ShouldBe(WrongTokenLimit.PerAddress);
        await client.AnswerAsync("ClearImageCache", "{\"token\":\"let me in\"}");
    }

    [Fact]
    public async Task Without_any_credential_there_is_a_challenge_and_no_entry()
    {
        using var answer = await _http.PostAsync("/prpc/ClearImageCache?json", new StringContent("{}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Basic realm=\"dstack-kms admin\"");
        Wrong().ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nobody")]
    [InlineData("alice")]
    [InlineData("alice:secret")]
    [InlineData("alice:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=")]
    [InlineData("alice:$apr1$abcdefgh$abcdefghijklmnopqrstu/")]
    [InlineData("alice:$2y$31$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.")]
    [InlineData("alice:$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo")]
    [InlineData("alice:$2x$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.")]
    [InlineData(Htpasswd + "\n" + Htpasswd)]
    public void A_file_in_another_form_is_refused(string text) =>
        Should.Throw<FormatException>(() => HtpasswdFile.Parse(text)).Message.ShouldNotContain("secret");

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _kms.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }

    private int Wrong() => _kms.Entries().Count(entry => entry.Kind == "kms_admin");

    private async Task<HttpStatusCode> AskAsync(string scheme, string parameter)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/prpc/Admin.ClearImageCache?json")
        {
            Content = new StringContent("{}"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(scheme, parameter);
        using var answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }
}
