using System.Net;
using Broker.Tests.Hosting;

namespace Broker.Tests.People;

/// <summary>The broker's own pages over HTTP: what they tell, who is signed in, and which forms are refused.</summary>
public sealed class PeoplePageTests
{
    [Fact]
    public async Task The_front_page_says_what_the_broker_is_and_shows_its_newest_checkpoint()
    {
        await using var broker = await MailSignIn.StartAsync();
        (await broker.GetAsync("/")).ShouldBeOk().Text.ShouldContain("there is no checkpoint");
        using var wallet = new Wallet();
        await broker.SignInAsync(wallet);
        var checkpoint = (await broker.GetAsync("/ledger/checkpoint")).Text.Split('\n');

        var page = (await broker.GetAsync("/")).ShouldBeOk();

        page.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        page.Header("Set-Cookie").ShouldBeNull();
        var text = WebUtility.HtmlDecode(page.Text);
        text.ShouldContain(BrokerApp.Issuer);
        foreach (var line in checkpoint[..3]) text.ShouldContain($">{line}<");
        text.ShouldContain("by a link that is mailed to you");
        text.ShouldContain("with an Ethereum wallet");
        text.ShouldNotContain("with a passkey");
        foreach (var link in (string[])["openapi", "ledger/checkpoint", "sign-in"])
            text.ShouldContain($"href=\"{link}\"");
        var policy = page.Header("Content-Security-Policy")!;
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("form-action 'none'");
    }

    [Fact]
    public async Task A_person_signs_in_by_mail_and_the_token_of_the_session_stays_in_the_broker()
    {
        await using var broker = await MailSignIn.StartAsync();
        var person = new PersonBrowser(broker);
        (await person.OpenAsync("/account")).Header("Location").ShouldBe("./sign-in");
        var form = await person.OpenAsync("/sign-in");
        form.Header("Content-Security-Policy")!.ShouldContain("form-action 'self'");
        var before = person.Cookie;

        (await person.SendAsync("/sign-in/mail", ("email", "alice@example.org"))).Header("Location")
            .ShouldBe("../sign-in/wait");
        var waiting = (await person.OpenAsync("/sign-in/wait")).ShouldBeOk();
        waiting.Text.ShouldContain("alice@example.org");
        (await person.OpenAsync("/sign-in/state"))["status"].ShouldBe("pending");
        (await person.SendAsync("/sign-in/finish")).Header("Location").ShouldBe("../sign-in/wait");
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();
        (await person.OpenAsync("/sign-in/state"))["status"].ShouldBe("verified");
        var finished = await person.SendAsync("/sign-in/finish");
        var account = (await person.OpenAsync("/account")).ShouldBeOk();

        finished.Header("Location").ShouldBe("../account");
        person.SetCookie!.ShouldStartWith("__Host-agentkeys=");
        foreach (var attribute in (string[])["secure", "httponly", "samesite=strict", "path=/"])
            person.SetCookie.ShouldContain(attribute);
        person.SetCookie.ShouldNotContain("domain", Case.Insensitive);
        person.Cookie.ShouldNotBe(before);
        account.Text.ShouldContain("alice@example.org");
        foreach (var answer in (Answer[])[form, waiting, finished, account])
        {
            answer.Text.ShouldNotContain("eyJ");
            answer.Header("Cache-Control").ShouldBe("no-store");
        }

        account.Text.ShouldContain($"account/entries/{broker.RowOf(finished).RecordId}");
        var files = Directory.EnumerateFiles(broker.DataFolder).Where(one => Path.GetExtension(one) != ".lock");
        foreach (var file in files)
            (await File.ReadAllTextAsync(file)).ShouldNotContain(person.Cookie!.Split('=')[1]);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_its_token_is_refused()
    {
        await using var broker = await MailSignIn.StartAsync();
        var person = new PersonBrowser(broker);
        await person.SignInByMailAsync(broker);
        var token = person.TokenIn(broker);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: token)).ShouldBeOk();
        var cookie = person.Cookie;

        var left = await person.SendAsync("/account/sign-out");

        left.Status.ShouldBe(HttpStatusCode.SeeOther);
        left.Header("Location").ShouldBe("../");
        left.Header("Set-Cookie")!.ShouldContain("expires=Thu, 01 Jan 1970");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: token))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        (await broker.GetAsync("/account", ("Cookie", cookie!))).Header("Location").ShouldBe("./sign-in");
        broker.RowOf(left).Outcome.ShouldBe("revoked");
    }

    [Fact]
    public async Task A_session_that_was_ended_elsewhere_and_a_restart_sign_the_browser_out()
    {
        await using var broker = await MailSignIn.StartAsync();
        var person = new PersonBrowser(broker);
        await person.SignInByMailAsync(broker);
        (await broker.PostAsync("/v1/auth/session/end", bearer: person.TokenIn(broker)))
            .Status.ShouldBe(HttpStatusCode.NoContent);
        (await person.OpenAsync("/account")).Header("Location").ShouldBe("./sign-in");

        var other = new PersonBrowser(broker);
        await other.SignInByMailAsync(broker);
        await broker.RestartAsync();
        (await other.OpenAsync("/account")).Header("Location").ShouldBe("./sign-in");
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", "cross_site_form")]
    [InlineData("Sec-Fetch-Site", "same-site", "cross_site_form")]
    [InlineData("Sec-Fetch-Site", "none", "cross_site_form")]
    [InlineData("Origin", "https://elsewhere.example", "cross_site_form")]
    [InlineData("Origin", "null", "cross_site_form")]
    [InlineData("X-Form-Token", "in the wrong place", "form_not_valid")]
    public async Task A_forged_form_is_refused_and_on_record(string header, string value, string code)
    {
        await using var broker = await MailSignIn.StartAsync();
        var person = new PersonBrowser(broker);
        await person.SignInByMailAsync(broker);
        var token = code == "form_not_valid" ? new string('A', 43) : person.FormToken;

        var answer = await person.SendAsync("/account/sign-out", [(header, value)], [("form_token", token)]);

        answer.Status.ShouldBe(HttpStatusCode.Forbidden);
        answer.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        var row = broker.RowOf(answer);
        row.Outcome.ShouldBe("denied");
        row.Evidence.ShouldContain(code);
        (await person.OpenAsync("/account")).ShouldBeOk();
    }

    [Fact]
    public async Task A_form_token_of_another_browser_and_a_bearer_in_place_of_the_cookie_are_worth_nothing()
    {
        await using var broker = await MailSignIn.StartAsync();
        PersonBrowser person = new(broker), other = new(broker);
        await person.SignInByMailAsync(broker);
        await other.SignInByMailAsync(broker, "mallory@example.org");

        (await person.SendAsync("/account/sign-out", [], [("form_token", other.FormToken)]))
            .Status.ShouldBe(HttpStatusCode.Forbidden);
        (await broker.GetAsync("/account", ("Authorization", $"Bearer {person.TokenIn(broker)}")))
            .Header("Location").ShouldBe("./sign-in");
        (await person.OpenAsync("/account")).ShouldBeOk();
    }

    [Fact]
    public async Task Grants_agents_and_pairings_are_listed_and_ended_by_the_use_cases_of_the_routes()
    {
        await using var broker = await MailSignIn.StartAsync();
        var person = new PersonBrowser(broker);
        await person.SignInByMailAsync(broker);
        var token = person.TokenIn(broker);
        var grant = (await broker.PostAsync("/v1/grant/create", new
        {
            daemon_address = "0x00000000000000000000000000000000000000aa",
            service = "s3",
            expires_at = broker.Clock.UnixSeconds + 3600,
            max_uses = 3,
        }, token)).ShouldBeOk()["grant_id"]!;
        using var device = new Device();
        var pairing = (await broker.PostAsync(
            "/v1/agent/pairing/request", new { device_pubkey = device.Pubkey, pop_sig = device.Pop })).ShouldBeOk();

        (await person.SendAsync("/account/agents/claim", ("pairing_code", "WRONG"), ("label", "agent-a")))
            .Status.ShouldBe(HttpStatusCode.Unauthorized);
        var claimed = await person.SendAsync(
            "/account/agents/claim", ("pairing_code", pairing["pairing_code"]!), ("label", "agent-a"));
        claimed.Header("Location").ShouldBe("../../account");
        var page = (await person.OpenAsync("/account")).Text;
        foreach (var text in (string[])["Revoke s3", "used 0 of 3 times", "Confirm agent-a", "Stop //agent-a"])
            page.ShouldContain(text);

        var revoked = await person.SendAsync("/account/grants/revoke", ("grant_id", grant));
        var confirmed = await person.SendAsync(
            "/account/agents/confirm", ("request_id", pairing["request_id"]!));
        var stopped = await person.SendAsync("/account/agents/suspend", ("derivation_path", "//agent-a"));

        foreach (var done in (Answer[])[claimed, revoked, confirmed, stopped])
        {
            done.Status.ShouldBe(HttpStatusCode.SeeOther);
            broker.RowsOf(done).ShouldNotBeEmpty();
        }

        page = (await person.OpenAsync("/account")).Text;
        foreach (var text in (string[])["revoked: used", "Let go on //agent-a", "Stopped"]) page.ShouldContain(text);
        foreach (var text in (string[])["Revoke s3", "Confirm agent-a"]) page.ShouldNotContain(text);
        (await broker.PostAsync("/v1/grant/revoke", new { grant_id = grant }, token))
            .ShouldRefuse(400, "bad_request", "unknown_grant");
    }

    [Fact]
    public async Task A_wallet_signs_a_browser_in_and_the_answer_is_a_cookie_alone()
    {
        await using var broker = await MailSignIn.StartAsync();
        using var wallet = new Wallet();
        var person = new PersonBrowser(broker);
        await person.OpenAsync("/sign-in");
        var challenge = await broker.ChallengeAsync(wallet.Address);
        var body = new
        {
            request_id = challenge["request_id"],
            signature = wallet.Sign(challenge["siwe_message"]!),
        };

        (await broker.PostAsync("/sign-in/wallet", body, null, ("Cookie", person.Cookie!)))
            .ShouldRefuse(403, "forbidden", "form_not_valid");
        var signedIn = await broker.PostAsync(
            "/sign-in/wallet", body, null, ("Cookie", person.Cookie!), ("X-Form-Token", person.FormToken));

        signedIn.Status.ShouldBe(HttpStatusCode.NoContent);
        signedIn.Text.ShouldBe("");
        var account = await broker.GetAsync("/account", ("Cookie", signedIn.Header("Set-Cookie")!.Split(';')[0]));
        account.ShouldBeOk().Text.ShouldContain(wallet.Omni);
    }
}
