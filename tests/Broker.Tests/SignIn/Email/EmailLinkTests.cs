using Broker.Tests.Hosting;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.SignIn.Email;

/// <summary>A link is good once, for ten minutes, for its own request; its session goes to who polls.</summary>
public sealed class EmailLinkTests
{
    [Fact]
    public async Task Is_off_unless_it_is_listed()
    {
        await using var broker = await BrokerApp.StartAsync();

        (await broker.RequestLinkAsync()).ShouldRefuse(404, "bad_request", "not_found");
        (await broker.GetAsync("/auth/email/landing")).ShouldRefuse(404, "bad_request", "not_found");
    }

    [Fact]
    public async Task Leaves_no_other_way_in_where_it_alone_is_listed()
    {
        await using var broker = await MailSignIn.StartAsync(("BROKER_AUTH_METHODS", "email_link"));
        using var wallet = new Wallet();

        (await broker.PostAsync("/v1/auth/wallet/start", new { address = wallet.Address }))
            .ShouldRefuse(404, "bad_request", "not_found");
        (await broker.PostFormAsync("/oauth/token",
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", "x"), ("signature", "y")))
            ["error"].ShouldBe("unsupported_grant_type");
        (await broker.RequestLinkAsync()).ShouldBeOk();
    }

    [Fact]
    public async Task Survives_a_restart_between_request_and_click_and_between_click_and_poll()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync();
        var token = broker.NewestToken();
        await broker.RestartAsync();
        (await broker.ConfirmAsync(token)).ShouldBeOk();
        (await broker.ConfirmAsync(token)).ShouldRefuse(401, "unauthorized", "email_link_not_valid");
        await broker.RestartAsync();
        (await broker.ConfirmAsync(token)).ShouldRefuse(401, "unauthorized", "email_link_not_valid");

        var first = (await broker.PollAsync(requested)).ShouldBeOk();
        (await broker.PollAsync(requested)).Text.ShouldBe(first.Text);

        // A session that was issued is not stored: another process issues another one, and says so in the ledger.
        await broker.RestartAsync();
        var second = (await broker.PollAsync(requested)).ShouldBeOk();
        second["audit_record_id"].ShouldNotBe(first["audit_record_id"]);
        second["omni_account"].ShouldBe(first["omni_account"]);
        broker.MintLog().Count(row => row is { Kind: "session_token", Outcome: "ok" }).ShouldBe(2);
    }

    [Fact]
    public async Task Expires_after_ten_minutes_and_looks_then_as_if_it_had_never_been()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync();
        var late = broker.NewestToken();
        broker.Clock.Advance(TimeSpan.FromSeconds(599));
        (await broker.PollAsync(requested))["status"].ShouldBe("pending");
        var other = await broker.RequestLinkAsync();
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();
        (await broker.PollAsync(other))["status"].ShouldBe("verified");

        broker.Clock.Advance(TimeSpan.FromSeconds(1));

        string[] refusals =
        [
            Told(await broker.ConfirmAsync(late)),
            Told(await broker.ConfirmAsync(broker.NewestToken())),
            Told(await broker.ConfirmAsync(new string('A', 43))),
            Told(await broker.ConfirmAsync("nonsense")),
            Told(await broker.PostAsync("/v1/auth/email/preview", new { token = late })),
            Told(await broker.PostAsync("/v1/auth/email/preview", new { token = new string('A', 43) })),
        ];
        refusals.Distinct().ShouldHaveSingleItem();
        (await broker.PollAsync(requested)).Text.ShouldBe("""{"status":"failed","reason":"expired"}""");

        static string Told(Answer answer)
        {
            answer.ShouldRefuse(401, "unauthorized", "email_link_not_valid");
            return answer["message"] + answer["next_step"];
        }
    }

    [Fact]
    public async Task Confirmed_at_the_last_moment_can_still_be_fetched()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync();
        broker.Clock.Advance(TimeSpan.FromSeconds(599));
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();

        broker.Clock.Advance(TimeSpan.FromSeconds(60));
        (await broker.PollAsync(requested))["status"].ShouldBe("verified");
        broker.Clock.Advance(TimeSpan.FromSeconds(60));
        (await broker.PollAsync(requested)).Text.ShouldBe("""{"status":"failed","reason":"expired"}""");
    }

    [Fact]
    public async Task Is_not_brought_back_by_a_clock_that_is_set_back()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync();
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();

        broker.Clock.AdjustTime(broker.Clock.Now - TimeSpan.FromHours(3));
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldRefuse(401, "unauthorized", "email_link_not_valid");
        (await broker.PollAsync(requested))["status"].ShouldBe("verified");
    }

    [Fact]
    public async Task Is_won_by_one_of_many_browsers()
    {
        await using var broker = await MailSignIn.StartAsync();
        await broker.RequestLinkAsync();
        var token = broker.NewestToken();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => broker.ConfirmAsync(token)));

        answers.Count(answer => (int)answer.Status == 200).ShouldBe(1);
        answers.Where(answer => (int)answer.Status != 200)
            .ShouldAllBe(answer => answer["code"] == "email_link_not_valid");
    }

    [Fact]
    public async Task Gives_many_polls_at_once_one_session_with_one_entry()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync();
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => broker.PollAsync(requested)));

        answers.Select(answer => answer.ShouldBeOk().Text).Distinct().ShouldHaveSingleItem();
        broker.MintLog().Count(row => row is { Kind: "session_token", Outcome: "ok" }).ShouldBe(1);
    }

    [Fact]
    public async Task Gives_no_session_that_the_ledger_does_not_hold()
    {
        await using var broker = await MailSignIn.StartAsync(("BROKER_LEDGER_TIMEOUT_SECONDS", "1"));
        var requested = await broker.RequestLinkAsync();
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();
        Answer refused;
        using (DatabaseLock.Hold(broker.LedgerFile)) refused = await broker.PollAsync(requested);

        ((int)refused.Status).ShouldBeOneOf(500, 503);
        refused.ShouldHoldNoCredential(broker.Sts);
        var verified = await Eventually.AsksAsync(
            () => broker.PollAsync(requested), answer => (int)answer.Status == 200);
        verified["status"].ShouldBe("verified");
    }

    [Fact]
    public async Task Is_bound_to_its_request_where_the_request_is_named()
    {
        await using var broker = await MailSignIn.StartAsync();
        var mine = await broker.RequestLinkAsync();
        var token = broker.NewestToken();
        var other = await broker.RequestLinkAsync("bob@example.org");

        (await broker.ConfirmAsync(token, other["request_id"]))
            .ShouldRefuse(401, "unauthorized", "email_link_not_valid");
        (await broker.PollAsync(other))["status"].ShouldBe("pending");
        (await broker.ConfirmAsync(token, mine["request_id"])).ShouldBeOk();
    }

    [Fact]
    public async Task Shows_who_asked_before_the_click_and_stays_good()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync(label: "Alice’s laptop <b>&amp;");
        var token = broker.NewestToken();

        for (var look = 0; look < 3; look++)
        {
            var shown = (await broker.PostAsync("/v1/auth/email/preview", new { token })).ShouldBeOk();
            shown["email"].ShouldBe("alice@example.org");
            shown["device_label"].ShouldBe("Alice’s laptop <b>&amp;");
            shown["compare_code"].ShouldBe(requested["compare_code"]);
            shown["requested_at_iso"].ShouldBe("2026-05-04T12:00:00Z");
            shown["began_on_page"].ShouldBe("False");
            shown["expires_at_iso"].ShouldBe("2026-05-04T12:10:00Z");
        }

        requested["compare_code"]!.ShouldMatch("^[BCDFGHJKMNPQRSTVWXYZ]{4}-[BCDFGHJKMNPQRSTVWXYZ]{4}$");
        (await broker.ConfirmAsync(token)).ShouldBeOk();
    }

    [Fact]
    public async Task Is_kept_as_a_hash_as_is_the_id_of_its_request()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync();
        var token = broker.NewestToken();
        (await broker.ConfirmAsync(token)).ShouldBeOk();
        var session = (await broker.PollAsync(requested))["session_jwt"]!;

        using var connection = new SqliteConnection($"Data Source={broker.StateFile};Mode=ReadOnly;Pooling=False");
        var row = (IDictionary<string, object?>)connection.QuerySingle("SELECT * FROM staged_sign_ins");
        var all = string.Join('\n', row.Values);
        all.ShouldNotContain(token);
        all.ShouldNotContain(requested["request_id"]!);
        all.ShouldNotContain(session);
        all.ShouldContain(Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(token))));
    }

    [Theory]
    [InlineData("{}", "email must be there")]
    [InlineData("""{"email":"nobody"}""", "email must be an e-mail address")]
    [InlineData("""{"email":"a@b\r\nBcc: c@d"}""", "email must be an e-mail address")]
    [InlineData("""{"email":"a@b,c@d"}""", "email must be an e-mail address")]
    [InlineData("""{"email":"\"a b\"@example.org"}""", "email must be an e-mail address")]
    [InlineData("""{"email":"ä@example.org"}""", "email must be an e-mail address")]
    [InlineData("""{"email":"a@-b.example"}""", "email must be an e-mail address")]
    [InlineData("""{"email":"a@b..example"}""", "email must be an e-mail address")]
    [InlineData("""{"email":"a@b","device_label":""}""", "device_label must be 1 to 64 printable characters")]
    [InlineData("""{"email":"a@b","device_label":"a\nb"}""", "device_label must be 1 to 64 printable characters")]
    [InlineData("""{"email":"a@b","device_label":"a\u202eb"}""", "device_label must be 1 to 64 printable characters")]
    [InlineData(
        """{"email":"a@b","device_label":"the browser page of this broker"}""", "the name of the broker's own page")]
    [InlineData(
        """{"email":"a@b","device_label":" The Browser page of this broker"}""", "the name of the broker's own page")]
    public async Task Is_not_mailed_for_what_is_no_request(string body, string why)
    {
        await using var broker = await MailSignIn.StartAsync();

        (await broker.PostRawAsync("/v1/auth/email/request", body))
            .ShouldRefuse(400, "bad_request", "invalid_field")["message"]!.ShouldContain(why);
    }

    [Fact]
    public async Task Is_mailed_to_254_characters_and_no_more()
    {
        await using var broker = await MailSignIn.StartAsync();
        var host = string.Join('.', Enumerable.Repeat(new string('h', 61), 3));
        var longest = new string('a', 64) + "@" + host + ".ab.";
        longest = longest[..^1] + new string('c', 254 - longest.Length + 1);
        longest.Length.ShouldBe(254);

        (await broker.RequestLinkAsync(longest)).ShouldBeOk();
        (await broker.RequestLinkAsync(longest + "c")).ShouldRefuse(400, "bad_request", "invalid_field");
        (await broker.RequestLinkAsync(new string('a', 65) + "@example.org"))
            .ShouldRefuse(400, "bad_request", "invalid_field");
    }
}
