using System.Net;
using Broker.Tests.Hosting;
using Broker.Tests.People;

namespace Broker.Tests.OAuth;

/// <summary>Device authorization (RFC 8628): codes, polls, the person's word by HTTP and on the page, and the session.</summary>
public sealed class DeviceFlowTests(PeoplesBroker people) : IClassFixture<PeoplesBroker>
{
    private readonly BrokerApp _broker = people.App;

    [Fact]
    public async Task A_device_gets_codes_and_waits()
    {
        var begun = (await people.BeginAsync(("scope", "openid"))).ShouldBeOk();

        begun["device_code"]!.Length.ShouldBe(43);
        begun["user_code"]!.ShouldMatch("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$");
        begun["verification_uri"].ShouldBe($"{BrokerApp.Issuer}/device");
        begun["verification_uri_complete"].ShouldBe($"{BrokerApp.Issuer}/device?user_code={begun["user_code"]}");
        begun.Number("expires_in").ShouldBe(600);
        begun.Number("interval").ShouldBe(5);
        begun.Header("Cache-Control").ShouldBe("no-store");

        var pending = (await people.PollAsync(begun["device_code"]!))
            .ShouldRefuseAsOAuth(400, "authorization_pending", "oauth_authorization_pending");
        _broker.RowsOf(pending).ShouldBeEmpty();
        (await people.PollAsync(begun["device_code"]!)).ShouldRefuseAsOAuth(400, "slow_down", "oauth_slow_down");

        // Ten seconds now, since it was told to slow down.
        _broker.Clock.Advance(TimeSpan.FromSeconds(6));
        (await people.PollAsync(begun["device_code"]!)).ShouldRefuseAsOAuth(400, "slow_down", "oauth_slow_down");
        _broker.Clock.Advance(TimeSpan.FromSeconds(15));
        (await people.PollAsync(begun["device_code"]!))
            .ShouldRefuseAsOAuth(400, "authorization_pending", "oauth_authorization_pending");
    }

    [Fact]
    public async Task An_approval_gives_a_session_of_the_approver_once()
    {
        var approver = await _broker.SignInAsync(people.Wallet);
        var begun = await people.BeginAsync(("scope", "openid offline_access"));

        var decided = (await people.DecideAsync(approver, begun["user_code"]!.ToLowerInvariant(), "approve")).ShouldBeOk();
        var answer = (await people.PollAsync(begun["device_code"]!)).ShouldBeOk();

        decided["status"].ShouldBe("approved");
        var granted = _broker.RowOf(decided);
        (granted.Kind, granted.Outcome, granted.OutcomeDetail).ShouldBe(("oauth_delegation", "ok", "granted"));
        granted.Evidence.ShouldContain("\"client_id\":\"cli\"");
        answer["token_type"].ShouldBe("Bearer");
        answer["scope"].ShouldBe("openid offline_access");
        var session = Jws.Read(answer, "access_token");
        var own = Jws.Parse(approver);
        session["agentkeys"].ShouldBe(own["agentkeys"]);
        session["sub"].ShouldBe(own["sub"]);
        (session["client_id"], session["scope"]).ShouldBe(("cli", "openid offline_access"));
        var rows = _broker.RowsOf(answer);
        rows.Select(row => row.Kind).ShouldBe(["session_token", "id_token"]);
        rows[0].RecordId.ShouldBe(session["jti"]);
        rows[0].OutcomeDetail.ShouldBe("device_code");

        var idToken = Jws.Read(answer, "id_token");
        idToken.VerifiesWith((await _broker.GetAsync("/.well-known/jwks.json")).Json).ShouldBeTrue();
        (idToken["iss"], idToken["aud"], idToken["sub"]).ShouldBe((BrokerApp.Issuer, "cli", own["sub"]));
        idToken["jti"].ShouldBe(rows[1].RecordId);
        idToken["at_hash"].ShouldBe(PeoplesBroker.HashOf(answer["access_token"]!));

        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: answer["access_token"])).ShouldBeOk();
        (await people.PollAsync(begun["device_code"]!)).ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        (await people.DecideAsync(approver, begun["user_code"]!, "deny"))
            .ShouldRefuse(400, "bad_request", "unknown_user_code");
    }

    [Fact]
    public async Task A_denial_and_the_end_of_its_time_are_for_good()
    {
        var approver = await _broker.SignInAsync(people.Wallet);
        var denied = await people.BeginAsync();
        var row = _broker.RowOf((await people.DecideAsync(approver, denied["user_code"]!, "deny")).ShouldBeOk());
        (row.Kind, row.Outcome).ShouldBe(("oauth_delegation", "denied"));
        (await people.DecideAsync(approver, denied["user_code"]!, "approve"))
            .ShouldRefuse(400, "bad_request", "unknown_user_code");
        (await people.PollAsync(denied["device_code"]!)).ShouldRefuseAsOAuth(400, "access_denied", "oauth_access_denied");

        var late = await people.BeginAsync();
        _broker.Clock.Advance(TimeSpan.FromMinutes(10));
        (await people.PollAsync(late["device_code"]!)).ShouldRefuseAsOAuth(400, "expired_token", "oauth_expired_token");
        (await people.DecideAsync(approver, late["user_code"]!, "approve"))
            .ShouldRefuse(400, "bad_request", "unknown_user_code");
    }

    [Fact]
    public async Task Codes_are_their_clients_own_and_scopes_are_known_ones()
    {
        var begun = await people.BeginAsync();
        (await _broker.PostFormAsync("/oauth/token", ("grant_type", PeoplesBroker.Device), ("client_id", "web"),
                ("client_secret", "a secret of the web"), ("device_code", begun["device_code"]!)))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
        (await _broker.PostFormAsync(
                "/oauth/token", ("grant_type", PeoplesBroker.Device), ("device_code", begun["device_code"]!)))
            .Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized);
        (await people.PollAsync("nothing")).ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        (await people.BeginAsync(("scope", "openid admin")))
            .ShouldRefuseAsOAuth(400, "invalid_scope", "oauth_invalid_scope");
        (await people.BeginAsync(("resource", "ftp://elsewhere.example")))
            .ShouldRefuseAsOAuth(400, "invalid_target", "oauth_invalid_target");
        (await _broker.PostFormAsync("/oauth/device_authorization", ("client_id", "nobody")))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
        (await _broker.PostFormAsync("/oauth/device_authorization", ("client_id", "web")))
            .ShouldRefuseAsOAuth(401, "invalid_client", "oauth_invalid_client");
    }

    [Fact]
    public async Task Whom_a_client_acts_for_lets_no_other_client_in()
    {
        var approver = await _broker.SignInAsync(people.Wallet);
        var first = await people.BeginAsync();
        (await people.DecideAsync(approver, first["user_code"]!, "approve")).ShouldBeOk();
        var held = (await people.PollAsync(first["device_code"]!)).ShouldBeOk()["access_token"]!;

        var second = await people.BeginAsync();
        (await people.DecideAsync(held, second["user_code"]!, "approve"))
            .ShouldRefuse(403, "forbidden", "not_for_clients");
        (await people.DecideAsync("eyJ.e30.x", second["user_code"]!, "approve"))
            .ShouldRefuse(401, "unauthorized", "invalid_bearer");
        (await people.DecideAsync(approver, second["user_code"]!, "perhaps"))
            .ShouldRefuse(400, "bad_request", "invalid_field");
    }

    [Fact]
    public async Task Whoever_guesses_codes_is_stopped()
    {
        using var wallet = new Wallet();
        var guesser = await _broker.SignInAsync(wallet);
        for (var n = 0; n < 10; n++)
        {
            (await people.DecideAsync(guesser, "BBBB-BBBB", "approve"))
                .ShouldRefuse(400, "bad_request", "unknown_user_code");
        }

        var stopped = (await people.DecideAsync(guesser, "BBBB-BBBB", "approve"))
            .ShouldRefuse(429, "rate_limited", "user_code_rate_limited");
        int.Parse(stopped.Header("Retry-After")!).ShouldBeInRange(1, 60);
        _broker.Clock.Advance(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_person_signs_in_first_and_decides_on_the_page()
    {
        var begun = await people.BeginAsync(("scope", "openid"));
        var person = new PersonBrowser(_broker);
        var address = new Uri(begun["verification_uri_complete"]!).PathAndQuery;

        (await person.OpenAsync(address)).Header("Location").ShouldBe("./sign-in");
        await person.OpenAsync("/sign-in");
        await person.SendAsync("/sign-in/mail", ("email", "alice@example.org"));
        (await _broker.ConfirmAsync(_broker.NewestToken())).ShouldBeOk();
        await person.SendAsync("/sign-in/finish");
        (await person.OpenAsync("/account")).Header("Location").ShouldBe($"./device?user_code={begun["user_code"]}");
        var page = (await person.OpenAsync(address)).ShouldBeOk();

        page.Header("Content-Security-Policy")!.ShouldContain("form-action 'self';");
        page.Text.ShouldContain("The command &lt;line&gt;");
        page.Text.ShouldContain(begun["user_code"]!);
        page.Text.ShouldContain("alice@example.org");
        page.Text.ShouldContain("openid");
        page.Text.ShouldNotContain("offline_access");
        (await person.SendAsync(
                "/device/decision", [], [("user_code", begun["user_code"]!), ("decision", "approve")]))
            .Status.ShouldBe(HttpStatusCode.Forbidden);
        var decided = await person.SendAsync(
            "/device/decision", ("user_code", begun["user_code"]!), ("decision", "approve"));
        decided.ShouldBeOk().Text.ShouldContain("Approved");
        _broker.RowOf(decided).OutcomeDetail.ShouldBe("granted");

        var session = Jws.Read(await people.PollAsync(begun["device_code"]!), "access_token");
        session.Claims.GetProperty("agentkeys").GetProperty("identity_value").GetString().ShouldBe("alice@example.org");
        (await person.OpenAsync(address)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await person.OpenAsync("/device")).ShouldBeOk().Text.ShouldContain("name=\"user_code\"");
    }

    /// <summary>The cookie is strict, so that a browser that another site sent has not shown it yet.</summary>
    [Fact]
    public async Task A_browser_that_another_site_sent_asks_once_more()
    {
        var answer = (await _broker.GetAsync("/device?user_code=BCDF-GHJK", ("Sec-Fetch-Site", "cross-site")))
            .ShouldBeOk();

        answer.Header("Refresh").ShouldBe("0;url=./device?user_code=BCDF-GHJK");
        answer.Header("Set-Cookie").ShouldBeNull();
    }

    [Fact]
    public async Task Codes_outlive_a_restart()
    {
        await using var other = new Disposing(new PeoplesBroker());
        await other.People.InitializeAsync();
        var begun = await other.People.BeginAsync(("scope", "offline_access"));
        var approver = await other.People.App.SignInAsync(other.People.Wallet);
        await other.People.App.RestartAsync();
        (await other.People.DecideAsync(approver, begun["user_code"]!, "approve")).ShouldBeOk();
        await other.People.App.RestartAsync();
        var first = (await other.People.PollAsync(begun["device_code"]!)).ShouldBeOk();
        await other.People.App.RestartAsync();
        (await other.People.RefreshAsync(first["refresh_token"]!)).ShouldBeOk();

        // Nothing of what opens a door is in the files.
        await other.People.App.StopAsync();
        foreach (var file in Directory.EnumerateFiles(other.People.App.DataFolder, "*.sqlite*"))
        {
            var text = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            foreach (var secret in (string[])[begun["device_code"]!, begun["user_code"]!, first["refresh_token"]!])
                text.ShouldNotContain(secret);
        }
    }

    private sealed class Disposing(PeoplesBroker people) : IAsyncDisposable
    {
        public PeoplesBroker People => people;

        public async ValueTask DisposeAsync() => await people.DisposeAsync();
    }
}
