using System.Text.Json;
using Broker.Tests.Hosting;
using Broker.Tests.OAuth;

namespace Broker.Tests.Inbox;

/// <summary>
/// <c>GET /v1/mail</c> and <c>GET /v1/mail/{id}</c> over HTTP, with the local cloud's STS and S3 as judges.
/// </summary>
public sealed class InboxTests : IAsyncLifetime
{
    private const string SignUp =
        "From: \"Example Ltd\" <no-reply@example.org>\r\nTo: or-0x00@bots.example.test\r\n"
        + "Subject: =?utf-8?q?Your_code_=E2=9C=93?=\r\nDate: Mon, 04 May 2026 10:00:00 +0200\r\n"
        + "Message-ID: <one@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "Your verification code is 483921.\r\n\r\nOr confirm here: https://example.org/confirm?t=abc.\r\n";

    private readonly Wallet _wallet = new();
    private MailSite _site = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _site = await MailSite.StartAsync();
        _session = await _site.Broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        _wallet.Dispose();
    }

    [Fact]
    public async Task Lists_the_messages_of_both_prefixes_newest_first_and_nothing_else()
    {
        await _site.PutAsync(_session, $"bots/{_wallet.Omni}/inbound/b-older", "x");
        await _site.PutAsync(_session, $"bots/{_wallet.Address}/inbound/c-newer", "xyz");
        await _site.PutAsync(_session, $"bots/{_wallet.Omni}/inbound/a-newest", "xy");
        await _site.PutAsync(_session, $"bots/{_wallet.Omni}/inbound/AMAZON_SES_SETUP_NOTIFICATION", "x");
        await _site.PutAsync(_session, $"bots/{_wallet.Omni}/inbound/folder/x", "x");
        await _site.PutAsync(_session, $"bots/{_wallet.Omni}/memory/note", "x");

        var listed = (await _site.GetAsync("/v1/mail", _session)).ShouldBeOk();

        var messages = listed.Json.GetProperty("messages").EnumerateArray().ToList();
        messages.Select(one => one.GetProperty("id").GetString()).ShouldBe(["a-newest", "c-newer", "b-older"]);
        messages.Select(one => one.GetProperty("size").GetInt64()).ShouldBe([2, 3, 1]);
        messages.Select(one => one.GetProperty("received_at").GetInt64()).ShouldBeInOrder(SortDirection.Descending);
        listed.Json.GetProperty("next_after").ValueKind.ShouldBe(JsonValueKind.Null);
        listed.Json.GetProperty("complete").GetBoolean().ShouldBeTrue();
        listed.Json.GetProperty("denied_prefixes").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Pages_through_the_list()
    {
        foreach (var id in (string[])["one", "two", "three"])
            await _site.PutAsync(_session, $"bots/{_wallet.Omni}/inbound/{id}", "x");

        var first = (await _site.GetAsync("/v1/mail?limit=2", _session)).ShouldBeOk();
        var second = (await _site.GetAsync($"/v1/mail?limit=2&after={first["next_after"]}", _session)).ShouldBeOk();

        IdsOf(first).ShouldBe(["three", "two"]);
        IdsOf(second).ShouldBe(["one"]);
        second.Json.GetProperty("next_after").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("after=x")]
    [InlineData("after=1.")]
    [InlineData("after=-1.id")]
    [InlineData("after=1.a%2Fb")]
    [InlineData("after=1.a&after=1.b")]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("limit=x")]
    public async Task Refuses_a_page_that_there_is_not_before_anything_is_issued(string query)
    {
        (await _site.GetAsync($"/v1/mail?{query}", _session)).ShouldRefuse(400, "bad_request", "invalid_field");

        _site.IssuedKeys.ShouldBe(0);
    }

    [Fact]
    public async Task Answers_headers_text_links_and_what_a_sign_up_waits_for()
    {
        await _site.PutAsync(_session, $"bots/{_wallet.Address}/inbound/m1", SignUp);

        var shown = (await _site.GetAsync("/v1/mail/m1", _session)).ShouldBeOk();

        shown["id"].ShouldBe("m1");
        shown.Number("size").ShouldBe(System.Text.Encoding.UTF8.GetByteCount(SignUp));
        shown.Json.GetProperty("from")[0].GetProperty("name").GetString().ShouldBe("Example Ltd");
        shown.Json.GetProperty("from")[0].GetProperty("address").GetString().ShouldBe("no-reply@example.org");
        shown.Json.GetProperty("to")[0].GetProperty("address").GetString().ShouldBe("or-0x00@bots.example.test");
        shown["subject"].ShouldBe("Your code ✓");
        shown.Number("date").ShouldBe(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds());
        shown["message_id"].ShouldBe("one@example.org");
        shown["text"]!.ShouldStartWith("Your verification code is 483921.\n");
        shown.Json.GetProperty("text_truncated").GetBoolean().ShouldBeFalse();
        shown.Json.GetProperty("links").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(["https://example.org/confirm?t=abc"]);
        shown["verification_code"].ShouldBe("483921");
        shown["verification_link"].ShouldBe("https://example.org/confirm?t=abc");
    }

    [Theory]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    [InlineData("%2e%2e%2fx")]
    [InlineData("m%C3%BC")]
    [InlineData("AMAZON_SES_SETUP_NOTIFICATION")]
    [InlineData("{201}")]
    public async Task Refuses_an_id_that_is_none_before_S3_is_asked(string id)
    {
        id = id.Replace("{201}", new string('a', 201), StringComparison.Ordinal);

        var answer = await _site.GetAsync($"/v1/mail/{id}", _session);

        ((int)answer.Status).ShouldBeInRange(400, 404);
        answer["code"].ShouldBeOneOf("invalid_field", "not_found");
        _site.IssuedKeys.ShouldBe(0);
    }

    [Fact]
    public async Task Does_not_know_another_actors_message()
    {
        using var other = new Wallet();
        var others = await _site.Broker.SignInAsync(other);
        await _site.PutAsync(others, $"bots/{other.Omni}/inbound/secret", SignUp);

        (await _site.GetAsync("/v1/mail/secret", _session)).ShouldRefuse(404, "bad_request", "inbox_message_unknown");
        IdsOf((await _site.GetAsync("/v1/mail", _session)).ShouldBeOk()).ShouldBeEmpty();
        (await _site.GetAsync("/v1/mail/secret", others)).ShouldBeOk();
    }

    [Fact]
    public async Task Asks_for_a_bearer()
    {
        (await _site.Broker.GetAsync("/v1/mail")).ShouldRefuse(401, "unauthorized", "missing_bearer");
        (await _site.GetAsync("/v1/mail/m1", "eyJ.x.y")).ShouldRefuse(401, "unauthorized", "invalid_bearer");
    }

    [Fact]
    public async Task A_programs_session_reads_its_own_prefix()
    {
        using var folder = new TemporaryFolder();
        using var client = new TestClient("mailer");
        await using var site = await MailSite.StartAsync(
            null, ("BROKER_OAUTH_CLIENTS_FILE", TestClient.FileOf(folder, client.Entry())));
        var assertion = client.Assertion(site.Broker.Clock.Now, site.Issuer);
        var granted = (await site.Broker.PostFormAsync(
            "/oauth/token", ("grant_type", TestClient.ClientCredentials),
            ("client_assertion_type", TestClient.AssertionType), ("client_assertion", assertion)))
            .ShouldBeOk()["access_token"]!;
        (await site.GetAsync("/v1/mail", granted)).ShouldBeOk();
        var omni = site.Broker.MintLog()[^1].ActorOmni;
        await site.PutAsync(granted, $"bots/{omni}/inbound/for-the-program", SignUp);

        IdsOf((await site.GetAsync("/v1/mail", granted)).ShouldBeOk()).ShouldBe(["for-the-program"]);
        (await site.GetAsync("/v1/mail/for-the-program", granted)).ShouldBeOk()["verification_code"].ShouldBe("483921");
    }

    private static IEnumerable<string?> IdsOf(Answer listed) =>
        listed.Json.GetProperty("messages").EnumerateArray().Select(one => one.GetProperty("id").GetString());
}
