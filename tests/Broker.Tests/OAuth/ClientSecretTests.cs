using System.Net;
using System.Text;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>Clients that prove themselves by a secret (RFC 6749 §2.3.1), and a file that changes while the broker runs.</summary>
public sealed class ClientSecretTests : IAsyncLifetime
{
    private const string Id = "ma:iler";
    private const string Secret = "p%s+ w/q";

    private readonly TemporaryFolder _folder = new();
    private BrokerApp _broker = null!;
    private string _file = "";

    public async Task InitializeAsync()
    {
        _file = _folder.File("clients.json");
        Write(
            new { client_id = Id, client_secret = Secret, grant_types = (string[])["client_credentials"] },
            new
            {
                client_id = "poster",
                client_secret = "posted",
                token_endpoint_auth_method = "client_secret_post",
                grant_types = (string[])["client_credentials"],
            },
            new { client_id = "cli", redirect_uris = (string[])["http://127.0.0.1/callback"] });
        _broker = await BrokerApp.StartAsync(("BROKER_OAUTH_CLIENTS_FILE", _file));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>RFC 6749 §2.3.1 and its appendix B: both are form-encoded before they are joined.</summary>
    [Fact]
    public async Task A_secret_in_the_header_is_form_decoded()
    {
        var answer = (await AskAsync(Basic(WebUtility.UrlEncode(Id), WebUtility.UrlEncode(Secret)))).ShouldBeOk();

        Jws.Read(answer, "access_token").Claims.GetProperty("agentkeys").GetProperty("identity_value").GetString()
            .ShouldBe(Id);
        (await AskAsync(null, ("client_id", "poster"), ("client_secret", "posted"))).ShouldBeOk();
    }

    [Theory]
    [InlineData("ma%3Ailer", "wrong")]
    [InlineData("ma:iler", "p%25s%2B+w%2Fq")]
    [InlineData("nobody", "p%25s%2B+w%2Fq")]
    [InlineData("poster", "posted")]
    [InlineData("ma%3Ailer", "")]
    public async Task A_client_that_does_not_prove_itself_is_told_so_in_its_scheme(string id, string secret)
    {
        var answer = (await AskAsync(Basic(id, secret)))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");

        answer.Header("WWW-Authenticate")!.ShouldStartWith("Basic");
        _broker.RowOf(answer).Outcome.ShouldBe("auth_failed");
    }

    [Fact]
    public async Task A_client_proves_itself_in_the_one_way_that_it_is_registered_for()
    {
        (await AskAsync(null, ("client_id", Id), ("client_secret", Secret)))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
        (await AskAsync(Basic("ma%3Ailer", "p%25s%2B+w%2Fq"), ("client_secret", Secret)))
            .ShouldRefuseAsOAuth(400, "invalid_request", "oauth_invalid_request");
        (await AskAsync(Basic("ma%3Ailer", "p%25s%2B+w%2Fq"), ("client_id", "poster")))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
        (await AskAsync("Basic not*base64")).ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
        (await AskAsync(null, ("client_id", "cli")))
            .ShouldRefuseAsOAuth(400, "invalid_request", "oauth_invalid_request");
    }

    [Fact]
    public async Task A_secret_introspects_and_a_public_client_does_not()
    {
        var session = (await AskAsync(Basic("ma%3Ailer", "p%25s%2B+w%2Fq")))["access_token"]!;

        (await PostAsync("/oauth/introspect", Basic("ma%3Ailer", "p%25s%2B+w%2Fq"), ("token", session)))
            .ShouldBeOk()["active"].ShouldBe("True");
        (await PostAsync("/oauth/introspect", null, ("token", session), ("client_id", "cli")))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
    }

    [Fact]
    public async Task The_file_is_read_again_and_a_broken_one_changes_nothing()
    {
        Write(new { client_id = "newcomer", client_secret = "s3cret", grant_types = (string[])["client_credentials"] });
        await _broker.GetAsync("/readyz");
        (await AskAsync(Basic("newcomer", "s3cret"))).ShouldBeOk();
        (await AskAsync(Basic("ma%3Ailer", "p%25s%2B+w%2Fq")))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");

        await File.WriteAllTextAsync(_file, "[{\"client_id\":");
        (await _broker.GetAsync("/readyz")).Text.ShouldContain("the clients before it stay in force");
        (await AskAsync(Basic("newcomer", "s3cret"))).ShouldBeOk();
    }

    private static string Basic(string id, string secret) =>
        $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"))}";

    private void Write(params object[] clients)
    {
        File.WriteAllText(_file, JsonSerializer.Serialize(clients));
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private Task<Answer> AskAsync(string? header, params (string Name, string Value)[] form) =>
        PostAsync("/oauth/token", header, [("grant_type", "client_credentials"), .. form]);

    private async Task<Answer> PostAsync(string path, string? header, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form.Select(one => KeyValuePair.Create(one.Name, one.Value))),
        };
        return await _broker.SendAsync(request, null, header is null ? [] : [("Authorization", header)]);
    }
}
