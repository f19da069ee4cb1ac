using System.Buffers.Text;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>
/// npm <c>openid-client</c> and <c>jose</c> as the client: they read discovery by their own rules, ask for every grant,
/// verify what they get, introspect and revoke.
/// </summary>
public sealed class OpenIdClientTests(OAuthBroker oauth) : IClassFixture<OAuthBroker>
{
    [Fact]
    public async Task OpenId_client_accepts_issuer_key_set_and_every_grant()
    {
        var broker = oauth.App;
        var message = (await broker.ChallengeAsync(oauth.Wallet.Address))["siwe_message"]!;
        var key = oauth.Mailer.Key.ExportParameters(true);

        var verdict = await Npm.RunAsync("oauth-judge.mjs", new
        {
            issuer = BrokerApp.Issuer,
            address = broker.Address,
            clientId = oauth.Mailer.Id,
            key = new
            {
                kty = "EC",
                crv = "P-256",
                x = Base64Url.EncodeToString(key.Q.X),
                y = Base64Url.EncodeToString(key.Q.Y),
                d = Base64Url.EncodeToString(key.D),
            },
            kid = "1",
            now = broker.Clock.UnixSeconds,
            message,
            signature = oauth.Wallet.Sign(message),
            session = await broker.SignInAsync(oauth.Wallet),
        });

        verdict.GetProperty("issuers").ToString().ShouldBe(
            JsonSerializer.Serialize(new[] { BrokerApp.Issuer, BrokerApp.Issuer }));
        verdict.GetProperty("types").ToString()
            .ShouldBe("""{"client_credentials":"bearer","wallet":"bearer","exchange":"n_a"}""");
        verdict.GetProperty("sub").GetString().ShouldBe($"agentkeys:agent:{oauth.Wallet.Address}");
        verdict.GetProperty("before").GetProperty("active").GetBoolean().ShouldBeTrue();
        verdict.GetProperty("after").ToString().ShouldBe("""{"active":false}""");
        verdict.GetProperty("refused").ToString()
            .ShouldBe("""{"error":"invalid_grant","status":400,"code":"unknown_challenge"}""");
    }

    /// <summary>
    /// RFC 8414 §2 and OpenID Connect Discovery 1.0 §3, read strictly: no member twice, addresses of the issuer alone,
    /// no list that is empty (§3.2), and what must be there is.
    /// </summary>
    [Theory]
    [InlineData("https://broker.example.test")]
    [InlineData("https://broker.example.test/tenant/a")]
    public async Task A_strict_reader_of_discovery_finds_nothing_wrong(string issuer)
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_OIDC_ISSUER", issuer));
        var text = (await broker.GetAsync("/.well-known/oauth-authorization-server")).ShouldBeOk().Text;

        using var document = Broker.Foundation.StrictJson.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        var root = document.RootElement;
        root.GetProperty("issuer").GetString().ShouldBe(issuer);
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Array)
            {
                member.Value.GetArrayLength().ShouldBePositive(member.Name);
                member.Value.EnumerateArray().ShouldBeUnique();
            }

            if (member.Name is "jwks_uri" or "token_endpoint" or "introspection_endpoint" or "revocation_endpoint")
                member.Value.GetString()!.ShouldStartWith(issuer + "/");
        }

        // RFC 8414 §2: an algorithm list where private_key_jwt is named, and never "none" in it.
        foreach (var endpoint in (string[])["token", "introspection", "revocation"])
        {
            root.GetProperty($"{endpoint}_endpoint_auth_methods_supported").EnumerateArray()
                .Select(one => one.GetString()).ShouldContain("private_key_jwt");
            root.GetProperty($"{endpoint}_endpoint_auth_signing_alg_values_supported").ToString()
                .ShouldBe("""["ES256"]""");

            // Where discovery says that it is, there it is.
            var path = new Uri(root.GetProperty($"{endpoint}_endpoint").GetString()!).AbsolutePath;
            var answer = await broker.PostFormAsync(path, ("token", "opaque"));
            ((int)answer.Status).ShouldBe(endpoint switch { "token" => 400, "introspection" => 401, _ => 200 });
        }
    }
}
