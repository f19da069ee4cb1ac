using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>
/// <c>/oauth/introspect</c> and <c>/oauth/revoke</c>: one state of a session, whatever way it was issued and ended by.
/// </summary>
public sealed class SessionTokenStateTests(OAuthBroker oauth) : IClassFixture<OAuthBroker>
{
    private readonly BrokerApp _broker = oauth.App;

    /// <summary>The sign-in's own route is a way in like the grants that give sessions.</summary>
    public static TheoryData<string> EveryWayIn => ["/v1/auth/wallet/verify", TestClient.ClientCredentials, TestClient.WalletGrant];

    [Theory]
    [MemberData(nameof(EveryWayIn))]
    public async Task Introspection_says_what_the_token_says(string way)
    {
        var session = await SessionAsync(way);
        var token = Jws.Parse(session);

        var answer = (await IntrospectAsync(session)).ShouldBeOk();

        answer["active"].ShouldBe("True");
        foreach (var claim in (string[])["iss", "sub", "aud", "exp", "jti"]) answer[claim].ShouldBe(token[claim], claim);
        answer["agentkeys"].ShouldBe(token["agentkeys"]);
        answer["token_type"].ShouldBe("Bearer");
        answer["client_id"].ShouldBe(way == TestClient.ClientCredentials ? "mailer" : null);
        answer.Header("Cache-Control").ShouldBe("no-store");
    }

    [Theory]
    [MemberData(nameof(EveryWayIn))]
    public async Task Introspection_follows_a_sessions_end(string way)
    {
        var session = await SessionAsync(way);

        (await _broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();

        (await IntrospectAsync(session)).ShouldBeOk().Text.ShouldBe("""{"active":false}""");
    }

    [Theory]
    [MemberData(nameof(EveryWayIn))]
    public async Task Revocation_ends_the_session_on_every_route_and_is_on_record(string way)
    {
        var session = await SessionAsync(way);

        var answer = await oauth.PostFormAsync("/oauth/revoke", ("token", session));

        answer.ShouldBeOk().Text.ShouldBe("{}");
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("revoked");
        row.StsSessionName.ShouldBe(Jws.Parse(session)["jti"]);
        row.OutcomeDetail!.ShouldEndWith("was ended by its holder");
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        (await IntrospectAsync(session)).Text.ShouldBe("""{"active":false}""");
    }

    /// <summary>RFC 7009 §2.2: a token that is not good any more, or never was, is answered as a revoked one.</summary>
    [Fact]
    public async Task Revoking_what_is_no_session_changes_nothing_and_says_nothing()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        var token = (await oauth.ExchangeAsync(session)).ShouldBeOk()["access_token"]!;

        foreach (var text in (string[])["opaque", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", token, session[..^2] + "AA"])
            (await oauth.PostFormAsync("/oauth/revoke", ("token", text))).ShouldBeOk().Text.ShouldBe("{}");

        (await IntrospectAsync(session))["active"].ShouldBe("True");
        (await oauth.PostFormAsync("/oauth/revoke"))
            .ShouldRefuseAsOAuth(400, "invalid_request", "oauth_invalid_request");
    }

    [Fact]
    public async Task A_client_ends_sessions_of_its_own_and_of_users_and_not_of_another_client()
    {
        var own = await oauth.SessionOfAsync(oauth.Reader);
        var others = await oauth.SessionOfAsync(oauth.Mailer);
        var users = await _broker.SignInAsync(oauth.Wallet);
        Task<Answer> RevokeAsync(string token) => oauth.PostFormAsync(
            "/oauth/revoke", [("token", token), .. oauth.Reader.Proof(_broker.Clock.Now)]);

        (await RevokeAsync(others))
            .ShouldRefuseAsOAuth(400, "unauthorized_client", "oauth_session_of_another_client");
        _broker.RowOf((await RevokeAsync(own)).ShouldBeOk()).OutcomeDetail!.ShouldEndWith("by the client reader");
        (await RevokeAsync(users)).ShouldBeOk();

        (await IntrospectAsync(others))["active"].ShouldBe("True");
        (await IntrospectAsync(own))["active"].ShouldBe("False");
        (await IntrospectAsync(users))["active"].ShouldBe("False");
    }

    [Theory]
    [InlineData("/oauth/introspect")]
    [InlineData("/oauth/revoke")]
    public async Task A_client_that_is_named_must_be_proven(string path)
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        using var forger = new TestClient("mailer");

        (await oauth.PostFormAsync(path, ("token", session), ("client_id", "mailer")))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
        (await oauth.PostFormAsync(path, [("token", session), .. forger.Proof(_broker.Clock.Now)]))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");

        (await IntrospectAsync(session))["active"].ShouldBe("True");
    }

    [Fact]
    public async Task Introspection_is_for_clients_and_for_the_holder()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        var another = await _broker.SignInAsync(oauth.Wallet);

        (await oauth.PostFormAsync("/oauth/introspect", session, [("token", session)])).ShouldBeOk()["active"]
            .ShouldBe("True");
        (await oauth.PostFormAsync("/oauth/introspect", another, [("token", session)]))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
        (await oauth.PostFormAsync("/oauth/introspect", ("token", session)))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
    }

    [Fact]
    public async Task An_expired_session_is_not_active()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        _broker.Clock.Advance(TimeSpan.FromDays(400));

        (await IntrospectAsync(session)).ShouldBeOk().Text.ShouldBe("""{"active":false}""");
    }

    private Task<string> SessionAsync(string way) =>
        way.StartsWith('/') ? _broker.SignInAsync(oauth.Wallet) : oauth.SessionOfAsync(way);

    private Task<Answer> IntrospectAsync(string token) => oauth.PostFormAsync(
        "/oauth/introspect", [("token", token), .. oauth.Reader.Proof(_broker.Clock.Now)]);
}
