using System.Net;
using Broker.Tests.Hosting;
using Broker.Tests.People;

namespace Broker.Tests.OAuth;

/// <summary>Authorization code with PKCE, consent on the page, and refresh tokens that rotate.</summary>
public sealed class CodeFlowTests(PeoplesBroker people) : IClassFixture<PeoplesBroker>
{
    private readonly BrokerApp _broker = people.App;

    [Fact]
    public async Task A_person_consents_and_the_client_gets_what_was_asked()
    {
        var person = await SignedInAsync();
        var address = PeoplesBroker.AuthorizeAddress(("nonce", "n-1"));
        var consent = await person.OpenAsync(address);
        consent.Header("Location")!.ShouldStartWith("../oauth/consent?request=");
        var page = (await person.OpenAsync(PathOf(consent))).ShouldBeOk();
        page.Header("Content-Security-Policy")!.ShouldContain("form-action 'self' http://127.0.0.1;");
        page.Text.ShouldContain("127.0.0.1");
        page.Text.ShouldContain("offline_access");

        var sent = await DecideAsync(person, consent, "approve");
        var back = PeoplesBroker.AnswerOf(sent);
        back["state"].ShouldBe("a state & more");
        back["iss"].ShouldBe(BrokerApp.Issuer);
        sent.Header("Referrer-Policy").ShouldBe("no-referrer");
        _broker.RowOf(sent).OutcomeDetail.ShouldBe("granted");
        var answer = (await people.RedeemAsync(back["code"])).ShouldBeOk();

        var session = Jws.Read(answer, "access_token");
        (session["aud"], session["client_id"]).ShouldBe(("agentkeys:broker", "cli"));
        session.Claims.GetProperty("agentkeys").GetProperty("identity_value").GetString().ShouldBe("alice@example.org");
        var idToken = Jws.Read(answer, "id_token");
        (idToken["aud"], idToken["nonce"]).ShouldBe(("cli", "n-1"));
        _broker.RowsOf(answer).Select(row => row.Kind).ShouldBe(["session_token", "id_token"]);
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: answer["access_token"])).ShouldBeOk();

        // The word was said once.
        (await DecideAsync(person, consent, "approve")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    /// <summary>RFC 8252 §7.3: a program takes the port that it gets.</summary>
    [Fact]
    public async Task A_loopback_address_may_have_any_port()
    {
        const string Here = "http://127.0.0.1:51004/callback";
        var person = await SignedInAsync();
        var consent = await person.OpenAsync(PeoplesBroker.AuthorizeAddress(("redirect_uri", Here)));
        await person.OpenAsync(PathOf(consent));
        var back = PeoplesBroker.AnswerOf(await DecideAsync(person, consent, "approve"), Here);

        (await people.RedeemAsync(back["code"])).ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        (await people.RedeemAsync(back["code"], ("redirect_uri", Here))).ShouldBeOk();
    }

    [Theory]
    [InlineData("client_id", "nobody")]
    [InlineData("client_id", null)]
    [InlineData("redirect_uri", "http://127.0.0.1/callback/")]
    [InlineData("redirect_uri", "http://127.0.0.1/callback?x=1")]
    [InlineData("redirect_uri", "http://localhost/callback")]
    [InlineData("redirect_uri", "https://127.0.0.1/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1@elsewhere.example/callback")]
    [InlineData("redirect_uri", "https://elsewhere.example/callback")]
    [InlineData("redirect_uri", null)]
    public async Task Sends_nobody_to_an_address_that_is_not_the_clients(string name, string? value)
    {
        var answer = await _broker.GetAsync(PeoplesBroker.AuthorizeAddress((name, value)));

        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        answer.Header("Location").ShouldBeNull();
        _broker.RowOf(answer).Outcome.ShouldBe("bad_request");
    }

    [Theory]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", null, "unsupported_response_type")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("scope", "openid root", "invalid_scope")]
    [InlineData("resource", "https://mcp.example/#fragment", "invalid_target")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("prompt", "none", "consent_required")]
    [InlineData("request", "eyJ", "request_not_supported")]
    [InlineData("request_uri", "https://elsewhere.example/", "request_uri_not_supported")]
    public async Task Tells_the_client_of_every_other_fault(string name, string? value, string error)
    {
        var back = PeoplesBroker.AnswerOf(await _broker.GetAsync(PeoplesBroker.AuthorizeAddress((name, value))));

        back["error"].ShouldBe(error);
        back["state"].ShouldBe("a state & more");
        back["iss"].ShouldBe(BrokerApp.Issuer);
        back.ShouldNotContainKey("code");
    }

    [Fact]
    public async Task A_denial_goes_back_and_is_on_record()
    {
        var person = await SignedInAsync();
        var consent = await person.OpenAsync(PeoplesBroker.AuthorizeAddress());
        await person.OpenAsync(PathOf(consent));

        var sent = await DecideAsync(person, consent, "deny");

        PeoplesBroker.AnswerOf(sent)["error"].ShouldBe("access_denied");
        _broker.RowOf(sent).Outcome.ShouldBe("denied");
    }

    [Fact]
    public async Task Who_is_not_signed_in_signs_in_first_and_comes_back()
    {
        var person = new PersonBrowser(_broker);
        var consent = await person.OpenAsync(PeoplesBroker.AuthorizeAddress());
        (await person.OpenAsync(PathOf(consent))).Header("Location").ShouldBe("../sign-in");
        await SignInAsync(person);
        var back = await person.OpenAsync("/account");
        back.Header("Location")!.ShouldStartWith("./oauth/consent?request=");
        (await person.OpenAsync(PathOf(consent))).ShouldBeOk();

        // prompt=login asks again, whoever is signed in.
        _broker.Clock.Advance(TimeSpan.FromSeconds(2));
        var again = await person.OpenAsync(PeoplesBroker.AuthorizeAddress(("prompt", "login")));
        (await person.OpenAsync(PathOf(again))).Header("Location").ShouldBe("../sign-in");
        await SignInAsync(person);
        (await person.OpenAsync(PathOf(again))).ShouldBeOk();
    }

    [Fact]
    public async Task A_code_is_bound_and_good_once_and_its_reuse_ends_what_it_gave()
    {
        var person = await SignedInAsync();
        var code = await CodeAsync(person);
        (await people.RedeemAsync(code, ("code_verifier", PeoplesBroker.Verifier.Replace('d', 'e'))))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        (await _broker.PostFormAsync("/oauth/token", ("grant_type", "authorization_code"), ("client_id", "web"),
                ("client_secret", "a secret of the web"), ("code", code)))
            .Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized);
        var first = (await people.RedeemAsync(code)).ShouldBeOk();

        var reused = (await people.RedeemAsync(code)).ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");

        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: first["access_token"]))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        (await people.RefreshAsync(first["refresh_token"]!))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        _broker.RowsOf(reused).Select(row => (row.Kind, row.Outcome)).ShouldBe(
            [("session_token", "revoked"), ("oauth_delegation", "revoked"), ("session_token", "auth_failed")]);

        var late = await CodeAsync(person);
        _broker.Clock.Advance(TimeSpan.FromMinutes(1));
        (await people.RedeemAsync(late)).ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
    }

    [Fact]
    public async Task Refresh_tokens_rotate_and_one_that_comes_twice_ends_its_family()
    {
        var first = (await people.RedeemAsync(await CodeAsync(await SignedInAsync()))).ShouldBeOk();
        var second = (await people.RefreshAsync(first["refresh_token"]!)).ShouldBeOk();
        second["refresh_token"].ShouldNotBe(first["refresh_token"]);
        var third = (await people.RefreshAsync(second["refresh_token"]!, ("scope", "openid"))).ShouldBeOk();
        third["scope"].ShouldBe("openid");
        (await people.RefreshAsync(third["refresh_token"]!, ("scope", "openid admin")))
            .ShouldRefuseAsOAuth(400, "invalid_scope", "oauth_invalid_scope");
        (await _broker.PostFormAsync("/oauth/token", ("grant_type", "refresh_token"), ("client_id", "web"),
                ("client_secret", "a secret of the web"), ("refresh_token", third["refresh_token"]!)))
            .Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized);

        (await people.RefreshAsync(first["refresh_token"]!))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");

        (await people.RefreshAsync(third["refresh_token"]!))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        foreach (var one in (Answer[])[first, second, third])
        {
            (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: one["access_token"]))
                .ShouldRefuse(401, "unauthorized", "session_revoked");
        }
    }

    [Fact]
    public async Task Of_many_at_once_one_refreshes()
    {
        var first = (await people.RedeemAsync(await CodeAsync(await SignedInAsync()))).ShouldBeOk();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => people.RefreshAsync(first["refresh_token"]!)));

        answers.Count(one => one.Status == HttpStatusCode.OK).ShouldBeLessThanOrEqualTo(1);
        foreach (var one in answers.Append(first).Where(one => one.Status == HttpStatusCode.OK))
        {
            (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: one["access_token"]))
                .ShouldRefuse(401, "unauthorized", "session_revoked");
        }
    }

    [Fact]
    public async Task Revoking_a_refresh_token_ends_what_came_of_it()
    {
        var first = (await people.RedeemAsync(await CodeAsync(await SignedInAsync()))).ShouldBeOk();
        (await _broker.PostFormAsync("/oauth/revoke", ("token", first["refresh_token"]!)))
            .ShouldRefuseAsOAuth(400, "unauthorized_client", "oauth_session_of_another_client");

        (await _broker.PostFormAsync("/oauth/revoke", ("client_id", "cli"), ("token", first["refresh_token"]!)))
            .ShouldBeOk();

        (await people.RefreshAsync(first["refresh_token"]!))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: first["access_token"]))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
    }

    /// <summary>RFC 8707: whoever gets a token for itself cannot act here with it.</summary>
    [Fact]
    public async Task A_token_for_a_resource_opens_nothing_here_and_is_introspected()
    {
        const string Resource = "https://mcp.example/mcp";
        var code = await CodeAsync(await SignedInAsync(), ("resource", Resource));
        (await people.RedeemAsync(code, ("resource", "https://other.example/")))
            .ShouldRefuseAsOAuth(400, "invalid_target", "oauth_invalid_target");
        var answer = (await people.RedeemAsync(code, ("resource", Resource))).ShouldBeOk();
        var token = answer["access_token"]!;

        Jws.Parse(token)["aud"].ShouldBe(Resource);
        _broker.RowsOf(answer)[0].Evidence.ShouldContain(Resource);
        foreach (var path in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds", "/v1/auth/session/end"])
            (await _broker.PostAsync(path, bearer: token)).ShouldRefuse(401, "unauthorized", "invalid_bearer");
        var said = (await _broker.PostFormAsync("/oauth/introspect", token, [("token", token)])).ShouldBeOk();
        (said["active"], said["aud"], said["client_id"]).ShouldBe(("True", Resource, "cli"));

        var own = (await people.RedeemAsync(
            await CodeAsync(await SignedInAsync(), ("resource", $"{BrokerApp.Issuer}/")))).ShouldBeOk();
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: own["access_token"])).ShouldBeOk();
    }

    /// <summary>What the operator lets a client have, it has in a person's name too.</summary>
    [Fact]
    public async Task A_client_acts_within_its_own_roles()
    {
        const string Back = "https://web.example/back?tenant=1";
        var person = await SignedInAsync();
        var consent = await person.OpenAsync(PeoplesBroker.AuthorizeAddress(
            ("client_id", "web"), ("redirect_uri", Back), ("scope", "openid")));
        await person.OpenAsync(PathOf(consent));
        var back = PeoplesBroker.AnswerOf(await DecideAsync(person, consent, "approve"), Back);
        var header = $"Basic {Convert.ToBase64String("web:a+secret+of+the+web"u8)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["code"] = back["code"],
                ["redirect_uri"] = Back,
                ["code_verifier"] = PeoplesBroker.Verifier,
            }),
        };
        var answer = (await _broker.SendAsync(request, null, ("Authorization", header))).ShouldBeOk();

        answer["refresh_token"].ShouldBeNull();
        (await _broker.PostAsync("/v1/mint-oidc-jwt", new { role = "vault" }, answer["access_token"])).ShouldBeOk();
        (await _broker.PostAsync("/v1/mint-oidc-jwt", new { role = "data" }, answer["access_token"]))
            .ShouldRefuse(403, "forbidden", "role_not_of_client");
    }

    [Fact]
    public async Task A_ledger_that_cannot_write_costs_no_code()
    {
        var code = await CodeAsync(await SignedInAsync());

        Answer withheld;
        using (DatabaseLock.Hold(_broker.LedgerFile, "BEGIN EXCLUSIVE")) withheld = await people.RedeemAsync(code);

        withheld.ShouldRefuseAsOAuth(503, "temporarily_unavailable", "ledger_write_failed");
        (await people.RedeemAsync(code)).ShouldBeOk();
    }

    private static string PathOf(Answer redirect) => redirect.Header("Location")!["..".Length..];

    private static Task<Answer> DecideAsync(PersonBrowser person, Answer consent, string decision) =>
        person.SendAsync("/oauth/consent", ("request", PathOf(consent).Split('=')[1]), ("decision", decision));

    private async Task<PersonBrowser> SignedInAsync()
    {
        var person = new PersonBrowser(_broker);
        await person.SignInByMailAsync(_broker);
        return person;
    }

    private async Task SignInAsync(PersonBrowser person)
    {
        await person.OpenAsync("/sign-in");
        await person.SendAsync("/sign-in/mail", ("email", "alice@example.org"));
        (await _broker.ConfirmAsync(_broker.NewestToken())).ShouldBeOk();
        await person.SendAsync("/sign-in/finish");
    }

    private static async Task<string> CodeAsync(PersonBrowser person, params (string Name, string? Value)[] changes)
    {
        var consent = await person.OpenAsync(PeoplesBroker.AuthorizeAddress(changes));
        await person.OpenAsync(PathOf(consent));
        return PeoplesBroker.AnswerOf(await DecideAsync(person, consent, "approve"))["code"];
    }
}
