using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>A session exchanged for one that may do less (RFC 8693): never more, never longer, never for ever.</summary>
public sealed class NarrowedSessionTests(OAuthBroker oauth) : IClassFixture<OAuthBroker>
{
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    private readonly BrokerApp _broker = oauth.App;

    [Fact]
    public async Task A_session_for_one_role_and_a_minute_gets_that_role_for_a_minute()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);

        var answer = (await NarrowAsync(session, ("role", "vault"), ("ttl_seconds", "60"))).ShouldBeOk();

        answer["issued_token_type"].ShouldBe(AccessToken);
        answer["token_type"].ShouldBe("Bearer");
        answer.Number("expires_in").ShouldBe(60);
        var row = _broker.RowOf(answer);
        (row.Kind, row.OutcomeDetail, row.RequesterWallet).ShouldBe(
            ("session_token", "token_exchange", oauth.Wallet.Address));
        row.Evidence.ShouldBe($$"""{"role":"vault","source":"{{Jws.Parse(session)["jti"]}}"}""");
        var narrow = answer["access_token"]!;
        (await MintAsync(narrow, "vault")).ShouldBeOk();
        (await MintAsync(narrow, "data")).ShouldRefuse(403, "forbidden", "role_not_of_session");
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: narrow))
            .ShouldRefuse(403, "forbidden", "role_not_of_session");
        (await oauth.ExchangeAsync(narrow, ("role", "data")))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "role_not_of_session");
        (await NarrowAsync(narrow, ("role", "data"))).ShouldRefuseAsOAuth(400, "invalid_grant", "role_not_of_session");
        (await NarrowAsync(narrow, ("ttl_seconds", "61")))
            .ShouldRefuseAsOAuth(400, "invalid_request", "lifetime_out_of_bounds");

        // Narrowed again it stays so.
        var again = (await NarrowAsync(narrow)).ShouldBeOk();
        again.Number("expires_in").ShouldBe(60);
        (await MintAsync(again["access_token"]!, "data")).ShouldRefuse(403, "forbidden", "role_not_of_session");
    }

    [Fact]
    public async Task It_lasts_no_longer_than_its_source_and_ends_with_it()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        var narrow = (await NarrowAsync(session)).ShouldBeOk();
        var twice = (await NarrowAsync(narrow["access_token"]!)).ShouldBeOk();
        Jws.Read(twice, "access_token")["exp"].ShouldBe(Jws.Parse(session)["exp"]);
        (await MintAsync(twice["access_token"]!, "data")).ShouldBeOk();

        (await _broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();

        (await MintAsync(narrow["access_token"]!, "data")).ShouldRefuse(401, "unauthorized", "session_revoked");
        (await MintAsync(twice["access_token"]!, "data")).ShouldRefuse(401, "unauthorized", "session_revoked");
        (await NarrowAsync(session)).ShouldRefuseAsOAuth(400, "invalid_grant", "session_revoked");
    }

    [Fact]
    public async Task It_makes_nothing_that_would_outlive_it_and_proves_no_identity()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        var narrow = (await NarrowAsync(session)).ShouldBeOk()["access_token"]!;
        using var other = new Wallet();
        var master = await _broker.SignInAsync(other);

        (await _broker.PostAsync("/v1/agent/create", new { label = "a" }, narrow))
            .ShouldRefuse(403, "forbidden", "not_a_master");
        (await _broker.PostAsync(
                "/v1/auth/device/decision", new { user_code = "BCDF-GHJK", decision = "approve" }, narrow))
            .ShouldRefuse(403, "forbidden", "not_for_clients");
        (await _broker.PostAsync("/v1/identity/link", new { identity_token = narrow }, master)).Text
            .ShouldContain("exchanged sessions");
    }

    [Theory]
    [InlineData("audience", "sts.amazonaws.com", "invalid_target", "oauth_invalid_target")]
    [InlineData("scope", "openid", "invalid_scope", "oauth_invalid_scope")]
    [InlineData("role", "nobody", "invalid_request", "role_not_in_catalogue")]
    [InlineData("ttl_seconds", "0", "invalid_request", "lifetime_out_of_bounds")]
    [InlineData("ttl_seconds", "86400", "invalid_request", "lifetime_out_of_bounds")]
    public async Task Refuses_more_than_the_session_has(string name, string value, string error, string code) =>
        (await NarrowAsync(await _broker.SignInAsync(oauth.Wallet), (name, value)))
            .ShouldRefuseAsOAuth(400, error, code);

    [Fact]
    public async Task So_often_and_no_oftener()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        for (var i = 0; i < 8; i++) session = (await NarrowAsync(session)).ShouldBeOk()["access_token"]!;

        (await NarrowAsync(session)).ShouldRefuseAsOAuth(400, "invalid_request", "oauth_invalid_request");
    }

    [Fact]
    public async Task A_client_that_narrows_a_persons_session_has_its_own_roles_at_most()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        var answer = (await NarrowAsync(session, oauth.Mailer.Proof(_broker.Clock.Now))).ShouldBeOk();

        var token = Jws.Read(answer, "access_token");
        token["client_id"].ShouldBe("mailer");
        (await MintAsync(answer["access_token"]!, "data")).ShouldBeOk();
    }

    private Task<Answer> NarrowAsync(string session, params (string, string)[] more) => oauth.PostFormAsync(
        "/oauth/token",
        [
            ("grant_type", TestClient.TokenExchange), ("subject_token", session), ("subject_token_type", AccessToken),
            ("requested_token_type", AccessToken), .. more,
        ]);

    private Task<Answer> MintAsync(string session, string role) =>
        _broker.PostAsync("/v1/mint-aws-creds", new { role }, session);
}
