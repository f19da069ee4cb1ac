using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>The broker's own API as a protected resource (RFC 9728), and what discovery names of the flows for people.</summary>
public sealed class ProtectedResourceTests
{
    [Theory]
    [InlineData("https://broker.example.test", "/.well-known/oauth-protected-resource")]
    [InlineData("https://broker.example.test/tenant/a", "/.well-known/oauth-protected-resource/tenant/a")]
    public async Task A_challenge_leads_to_the_metadata_and_that_to_the_issuer(string issuer, string path)
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_OIDC_ISSUER", issuer));
        var challenge = (await broker.PostAsync("/v1/mint-oidc-jwt")).Header("WWW-Authenticate");
        challenge.ShouldBe($"Bearer resource_metadata=\"https://broker.example.test{path}\"");

        var document = (await broker.GetAsync(path)).ShouldBeOk();

        document.Header("Content-Type").ShouldBe("application/json");
        document["resource"].ShouldBe(issuer);
        document["authorization_servers"].ShouldBe(JsonSerializer.Serialize(new[] { issuer }));
        document["bearer_methods_supported"].ShouldBe("""["header"]""");
        document["scopes_supported"].ShouldBe("""["openid","offline_access"]""");
    }

    [Fact]
    public async Task Discovery_names_what_works()
    {
        await using var broker = await BrokerApp.StartAsync();
        var document = (await broker.GetAsync("/.well-known/oauth-authorization-server")).ShouldBeOk();

        document["authorization_endpoint"].ShouldBe($"{BrokerApp.Issuer}/oauth/authorize");
        document["device_authorization_endpoint"].ShouldBe($"{BrokerApp.Issuer}/oauth/device_authorization");
        document["code_challenge_methods_supported"].ShouldBe("""["S256"]""");
        document["response_modes_supported"].ShouldBe("""["query"]""");
        document["authorization_response_iss_parameter_supported"].ShouldBe("True");
        document["client_id_metadata_document_supported"].ShouldBe("True");
        Names("grant_types_supported").ShouldBe(
            [
                "authorization_code", "client_credentials", "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ]);
        Names("scopes_supported").ShouldBe(["offline_access", "openid"]);
        Names("token_endpoint_auth_methods_supported")
            .ShouldBe(["client_secret_basic", "client_secret_post", "none", "private_key_jwt"]);
        foreach (var absent in (string[])["registration_endpoint", "end_session_endpoint", "userinfo_endpoint"])
            document[absent].ShouldBeNull();

        IEnumerable<string> Names(string member) => document.Json.GetProperty(member).EnumerateArray()
            .Select(one => one.GetString()!).Order(StringComparer.Ordinal);
    }
}
