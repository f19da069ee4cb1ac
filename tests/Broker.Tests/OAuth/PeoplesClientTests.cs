using Broker.Tests.Hosting;
using Broker.Tests.People;

namespace Broker.Tests.OAuth;

/// <summary>Other people's clients sign people in: npm <c>openid-client</c>, and the MCP SDK's own OAuth client.</summary>
public sealed class PeoplesClientTests
{
    [Fact]
    public async Task OpenId_client_completes_device_flow_code_with_pkce_refresh_and_dpop()
    {
        var people = new PeoplesBroker();
        try
        {
            await people.InitializeAsync();
            people.App.Clock.SetUtcNow(DateTimeOffset.UtcNow);
            var person = new PersonBrowser(people.App);
            await person.SignInByMailAsync(people.App);
            var bearer = await people.App.SignInAsync(people.Wallet);

            var verdict = await Npm.RunAsync("people-judge.mjs", new
            {
                issuer = BrokerApp.Issuer,
                address = people.App.Address,
                clientId = "cli",
                redirectUri = "http://127.0.0.1:40123/callback",
                cookie = person.Cookie,
                bearer,
            });

            verdict.GetProperty("issuer").GetString().ShouldBe(BrokerApp.Issuer);
            verdict.GetProperty("device").GetString().ShouldBe(Jws.Parse(bearer)["sub"]);
            verdict.GetProperty("code").GetString()!.ShouldStartWith("agentkeys:user:");
            verdict.GetProperty("nonce").GetBoolean().ShouldBeTrue();
            verdict.GetProperty("rotated").GetBoolean().ShouldBeTrue();
            verdict.GetProperty("scopes").EnumerateArray().Select(one => one.GetString())
                .ShouldAllBe(scope => scope == "openid offline_access");
            verdict.GetProperty("bound").ToString()
                .ShouldBe("""{"type":"dpop","proven":[200,200],"asBearer":401}""");
            verdict.GetProperty("reused").ToString().ShouldBe("""{"error":"invalid_grant","status":400}""");
            (await people.App.PostAsync("/v1/mint-oidc-jwt", bearer: verdict.GetProperty("token").GetString()))
                .ShouldBeOk();
        }
        finally
        {
            await people.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_mcp_sdk_finds_the_broker_from_a_protected_server_and_signs_in()
    {
        var port = Peers.FreePort();
        var issuer = $"http://localhost:{port}";
        var people = new PeoplesBroker();
        try
        {
            await people.StartAsync(("BROKER_PORT", $"{port}"), ("BROKER_OIDC_ISSUER", issuer));
            using var server = await NpmPeer.StartAsync("mcp", "protected-server.mjs", issuer);
            var resource = server.Place.GetProperty("resource").GetString()!;
            people.App.Clock.SetUtcNow(DateTimeOffset.UtcNow);
            var person = new PersonBrowser(people.App);
            await person.SignInByMailAsync(people.App);

            var verdict = await Npm.RunAsync("client-judge.mjs", new
            {
                resource,
                clientId = "cli",
                redirectUri = "http://127.0.0.1:40124/callback",
                cookie = person.Cookie,
            }, "mcp");

            verdict.GetProperty("tools").ToString().ShouldBe("""["whoami"]""");
            var token = Jws.Parse(verdict.GetProperty("token").GetString()!);
            (token["aud"], token["client_id"]).ShouldBe((resource, "cli"));
            verdict.GetProperty("said").GetString().ShouldBe(token["sub"]);
            verdict.GetProperty("again").GetString().ShouldBe(token["sub"]);
            verdict.GetProperty("refreshed").GetBoolean().ShouldBeTrue();
            verdict.GetProperty("asked").GetProperty("resource").GetString().ShouldBe(resource);
            people.App.MintLog().Count(row => row.Kind == "oauth_delegation" && row.Outcome == "ok").ShouldBe(1);
        }
        finally
        {
            await people.DisposeAsync();
        }
    }
}
