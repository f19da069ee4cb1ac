using System.Security.Cryptography;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary><c>private_key_jwt</c> (RFC 7523 §3): what proves a client, and what does not.</summary>
public sealed class ClientAssertionTests(OAuthBroker oauth) : IClassFixture<OAuthBroker>
{
    private readonly BrokerApp _broker = oauth.App;
    private readonly TestClient _client = oauth.Mailer;

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"1"}""")]
    [InlineData("""{"alg":"ES256"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT"}""")]
    [InlineData("""{"alg":"ES256","typ":"client-authentication+jwt"}""")]
    public async Task Takes_an_assertion_with_any_type_that_clients_send(string header) =>
        (await AskAsync(_client.Assertion(_broker.Clock.Now, header: header))).ShouldBeOk();

    [Theory]
    [InlineData("""{"alg":"ES256","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"HS256","kid":"1"}""")]
    [InlineData("""{"alg":"ES384","kid":"1"}""")]
    public async Task Refuses_an_assertion_of_another_type_or_algorithm(string header) =>
        Refused(await AskAsync(_client.Assertion(_broker.Clock.Now, header: header)));

    [Fact]
    public async Task Refuses_an_assertion_that_was_used_also_after_a_restart()
    {
        var own = new OAuthBroker();
        await own.StartAsync();
        try
        {
            var assertion = own.Mailer.Assertion(own.App.Clock.Now);
            (await AskAsync(assertion, own)).ShouldBeOk();
            await own.App.RestartAsync();

            (await AskAsync(assertion, own))
                .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_client_assertion_replayed");
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task Refuses_what_is_expired_or_lives_too_long_or_is_for_another_server()
    {
        var now = _broker.Clock.Now;
        Refused(await AskAsync(_client.Assertion(now - TimeSpan.FromMinutes(5))));
        Refused(await AskAsync(_client.Assertion(now, lifetime: 3600)));
        Refused(await AskAsync(_client.Assertion(now, audience: "https://another.example")));
        Refused(await AskAsync(_client.Assertion(now, audience: "sts.amazonaws.com")));
    }

    [Fact]
    public async Task Refuses_another_key_and_another_clients_name()
    {
        using var forger = new TestClient("mailer");
        Refused(await AskAsync(forger.Assertion(_broker.Clock.Now)));
        using var stranger = new TestClient("stranger");
        Refused(await AskAsync(stranger.Assertion(_broker.Clock.Now)));
        Refused(await oauth.PostFormAsync("/oauth/token",
            [("grant_type", TestClient.ClientCredentials), ("client_id", "reader"), .. _client.Proof(_broker.Clock.Now)]));
        Refused(await AskAsync(await _broker.SignInAsync(oauth.Wallet)));
        Refused(await AskAsync("no JWT"));
    }

    [Fact]
    public async Task Refuses_a_secret_and_nothing_at_all()
    {
        (await oauth.PostFormAsync("/oauth/token", ("grant_type", TestClient.ClientCredentials),
            ("client_id", "mailer"), ("client_secret", "s"))).ShouldRefuseAsOAuth(
                401, "invalid_client", "oauth_invalid_client");
        (await oauth.PostFormAsync("/oauth/token", ("grant_type", TestClient.ClientCredentials)))
            .ShouldRefuseAsOAuth(400, "invalid_request", "oauth_invalid_request");
    }

    [Fact]
    public async Task A_client_uses_the_grants_that_it_was_given_and_no_other()
    {
        var answer = await oauth.PostFormAsync("/oauth/token",
        [
            ("grant_type", TestClient.TokenExchange), ("subject_token", await _broker.SignInAsync(oauth.Wallet)),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("audience", "sts.amazonaws.com"), .. oauth.Reader.Proof(_broker.Clock.Now),
        ]);

        answer.ShouldRefuseAsOAuth(400, "unauthorized_client", "oauth_client_not_allowed");
        _broker.RowOf(answer).Outcome.ShouldBe("denied");
    }

    [Fact]
    public async Task A_client_gets_the_roles_that_it_was_given_on_every_route()
    {
        var session = await oauth.SessionOfAsync(oauth.Reader);

        (await _broker.PostAsync("/v1/mint-aws-creds", new { role = "vault" }, session)).ShouldBeOk();
        (await _broker.PostAsync("/v1/mint-aws-creds", new { role = "data" }, session))
            .ShouldRefuse(403, "forbidden", "role_not_of_client");
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(403, "forbidden", "role_not_of_client");
        (await oauth.ExchangeAsync(session)).ShouldRefuseAsOAuth(400, "invalid_grant", "role_not_of_client");
        (await oauth.ExchangeAsync(session, ("role", BrokerApp.VaultRole))).ShouldBeOk();
    }

    [Fact]
    public async Task A_client_that_left_the_file_gets_nothing_more_for_a_session_that_it_has()
    {
        using var folder = new TemporaryFolder();
        using var client = new TestClient("leaver");
        var file = TestClient.FileOf(folder, client.Entry());
        await using var broker = await BrokerApp.StartAsync(("BROKER_OAUTH_CLIENTS_FILE", file));
        var answer = await broker.PostFormAsync(
            "/oauth/token", [("grant_type", TestClient.ClientCredentials), .. client.Proof(broker.Clock.Now)]);
        var session = answer.ShouldBeOk()["access_token"];
        TestClient.FileOf(folder);

        await broker.RestartAsync();

        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldRefuse(403, "forbidden", "client_gone");
    }

    /// <summary>An assertion names nobody by itself; its text never reaches the log or the ledger.</summary>
    [Fact]
    public async Task An_assertion_is_in_no_row_of_the_ledger()
    {
        var assertion = _client.Assertion(_broker.Clock.Now, jti: RandomNumberGenerator.GetHexString(32));

        var answer = (await AskAsync(assertion)).ShouldBeOk();

        _broker.RowOf(answer).ToString().ShouldNotContain(assertion);
    }

    private Task<Answer> AskAsync(string assertion, OAuthBroker? at = null) => (at ?? oauth).PostFormAsync(
        "/oauth/token", ("grant_type", TestClient.ClientCredentials),
        ("client_assertion_type", TestClient.AssertionType), ("client_assertion", assertion));

    private static void Refused(Answer answer) =>
        answer.ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
}
