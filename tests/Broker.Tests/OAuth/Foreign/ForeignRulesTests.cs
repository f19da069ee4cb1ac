using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth.Foreign;

/// <summary>Rules, the file that has them, and the issuer's keys, while the broker runs.</summary>
public sealed class ForeignRulesTests : IAsyncLifetime
{
    private readonly ForeignBroker _foreign = new();

    public Task InitializeAsync() => _foreign.InitializeAsync();

    public Task DisposeAsync() => _foreign.DisposeAsync();

    [Fact]
    public async Task A_rule_that_left_the_file_gives_nothing_at_once_also_to_its_sessions()
    {
        var session = (await _foreign.ExchangeAsync(_foreign.Token())).ShouldBeOk()["access_token"]!;
        (await MintAsync(session)).ShouldBeOk();

        _foreign.Write("""{"name":"others","claims":{"sub":"other-*"},"roles":["vault"]}""");

        (await MintAsync(session)).ShouldRefuse(403, "forbidden", "foreign_rule_gone");
        (await _foreign.ExchangeAsync(_foreign.Token())).ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_no_rule");
        (await _foreign.ExchangeAsync(_foreign.Token(("sub", "other-1")))).ShouldBeOk();

        // What cannot be used changes nothing, and is told.
        File.WriteAllText(_foreign.File, "{");
        (await _foreign.ExchangeAsync(_foreign.Token(("sub", "other-1")))).ShouldBeOk();
        (await _foreign.App.GetAsync("/readyz")).Text.ShouldContain("the issuers before it stay in force");

        _foreign.Write(ForeignBroker.UsualRule);
        (await MintAsync(session)).ShouldBeOk();
    }

    [Theory]
    [InlineData("""{"sub":"job-*"}""", """{"sub":"job-1"}""", true)]
    [InlineData("""{"sub":"job-*"}""", """{"sub":"job-"}""", false)]
    [InlineData("""{"sub":"job-*"}""", """{"sub":"a-job-1"}""", false)]
    [InlineData("""{"sub":"repo:me/*"}""", """{"sub":"repo:me/x:ref:refs/heads/main"}""", true)]
    [InlineData("""{"sub":"repo:me/*"}""", """{"sub":"repo:me-evil/x"}""", false)]
    [InlineData("""{"sub":"repo:me/*:ref:refs/heads/main"}""", """{"sub":"repo:me/x:ref:refs/heads/main"}""", true)]
    [InlineData("""{"sub":"repo:me/*:ref:refs/heads/main"}""", """{"sub":"repo:me/x:environment:a:ref:refs/heads/main"}""", false)]
    [InlineData("""{"sub":"repo:me/*:ref:refs/heads/main"}""", """{"sub":"repo:me/:ref:refs/heads/main"}""", false)]
    [InlineData("""{"sub":"aba*aba"}""", """{"sub":"ababa"}""", false)]
    [InlineData("""{"sub":"job-1"}""", """{"sub":"JOB-1"}""", false)]
    [InlineData("""{"sub":"job-?"}""", """{"sub":"job-1"}""", false)]
    [InlineData("""{"sub":"job-.*"}""", """{"sub":"job-1"}""", false)]
    [InlineData("""{"ok":true}""", """{"ok":true}""", true)]
    [InlineData("""{"ok":true}""", """{"ok":"true"}""", false)]
    [InlineData("""{"ok":"true"}""", """{"ok":true}""", false)]
    [InlineData("""{"n":1}""", """{"n":1.0}""", true)]
    [InlineData("""{"n":1}""", """{"n":"1"}""", false)]
    [InlineData("""{"groups":"dev"}""", """{"groups":["ops","dev"]}""", true)]
    [InlineData("""{"groups":"dev"}""", """{"groups":["devs"]}""", false)]
    [InlineData("""{"groups":"dev"}""", """{"groups":[["dev"]]}""", false)]
    [InlineData("""{"groups":"dev"}""", """{}""", false)]
    [InlineData("""{"groups":"dev"}""", """{"groups":null}""", false)]
    [InlineData("""{"a":{"b.c":{"d":"x"}}}""", """{"a":{"b.c":{"d":"x"}}}""", true)]
    [InlineData("""{"a":{"b.c":{"d":"x"}}}""", """{"a":{"b":{"c":{"d":"x"}}}}""", false)]
    [InlineData("""{"a":{"b":"x"}}""", """{"a":"x"}""", false)]
    [InlineData("""{"a":"x"}""", """{"a":{"b":"x"}}""", false)]
    [InlineData("""{"sub":"job-1","ok":true}""", """{"sub":"job-1"}""", false)]
    public async Task Every_condition_of_a_rule_must_hold(string conditions, string claims, bool holds)
    {
        _foreign.Write($$"""{"name":"one","claims":{{conditions}},"roles":["vault"]}""");
        var changes = JsonNode.Parse(claims)!.AsObject().Select(one => (one.Key, one.Value)).ToArray();

        var answer = await _foreign.ExchangeAsync(_foreign.Token(changes));

        if (holds) answer.ShouldBeOk();
        else answer.ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_no_rule");
    }

    [Fact]
    public async Task The_first_rule_that_gives_what_is_asked_for_decides()
    {
        _foreign.Write("""
            {"name":"token","claims":{"sub":"job-*"},"roles":["data"],"token_types":["jwt"]},
            {"name":"session","claims":{"sub":"job-*"},"roles":["vault"],"token_types":["access_token"],"max_session_seconds":120},
            {"name":"more","claims":{"sub":"job-*"},"roles":["vault","data"]}
            """);

        var session = (await _foreign.ExchangeAsync(_foreign.Token())).ShouldBeOk();
        session.Number("expires_in").ShouldBe(120);
        RuleOf(session).ShouldBe("session");
        RuleOf((await _foreign.ForAwsAsync(_foreign.Token())).ShouldBeOk()).ShouldBe("token");
        RuleOf((await _foreign.ForAwsAsync(_foreign.Token(), ("role", "vault"))).ShouldBeOk()).ShouldBe("more");

        _foreign.Write("""{"name":"s","claims":{"sub":"job-*"},"roles":["vault"],"token_types":["access_token"]}""");
        (await _foreign.ForAwsAsync(_foreign.Token()))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_not_of_rule");
        _foreign.Write("""{"name":"t","claims":{"sub":"job-*"},"roles":["vault"],"token_types":["jwt"]}""");
        (await _foreign.ExchangeAsync(_foreign.Token()))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_not_of_rule");
    }

    [Fact]
    public async Task A_clients_roles_and_the_rules_both_bind()
    {
        using var folder = new TemporaryFolder();
        using var client = new TestClient("ci");
        var clients = TestClient.FileOf(folder, client.Entry(["data"], TestClient.TokenExchange));
        await _foreign.App.DisposeAsync();
        await _foreign.StartAsync(("BROKER_OAUTH_CLIENTS_FILE", clients));

        (await _foreign.ForAwsAsync(_foreign.Token(), client.Proof(_foreign.App.Clock.Now)))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "role_not_of_client");
        (await _foreign.ForAwsAsync(_foreign.Token())).ShouldBeOk();
    }

    [Fact]
    public async Task New_keys_are_fetched_when_they_are_needed_and_no_flood_asks_more_often()
    {
        var clock = _foreign.App.Clock;
        (await _foreign.ExchangeAsync(_foreign.Token())).ShouldBeOk();
        (await _foreign.ExchangeAsync(_foreign.Token())).ShouldBeOk();
        (_foreign.Peer.Discoveries, _foreign.Peer.KeyFetches).ShouldBe((1, 1));

        // Strangers with keys that there are not.
        clock.Advance(TimeSpan.FromSeconds(31));
        for (var i = 0; i < 20; i++)
        {
            var stranger = _foreign.Peer.SignEs256(
                _foreign.Peer.Claims(clock.Now), $$"""{"alg":"ES256","kid":"stranger-{{i}}"}""");
            (await _foreign.ExchangeAsync(stranger))
                .ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_token_invalid");
        }

        _foreign.Peer.KeyFetches.ShouldBe(2);

        // The issuer signs with another key now.
        _foreign.Peer.KeyIds = ("rsa-2", "ec-2");
        clock.Advance(TimeSpan.FromSeconds(31));
        (await _foreign.ExchangeAsync(_foreign.Token())).ShouldBeOk();
        _foreign.Peer.KeyFetches.ShouldBe(3);
    }

    [Fact]
    public async Task An_issuer_that_is_down_is_told_and_its_last_keys_do_for_a_day()
    {
        var clock = _foreign.App.Clock;
        _foreign.Peer.IsDown = true;
        var answer = await _foreign.ExchangeAsync(_foreign.Token());
        answer.ShouldRefuseAsOAuth(503, "temporarily_unavailable", "foreign_issuer_unreachable");
        answer.Header("Retry-After").ShouldBe("30");
        _foreign.App.RowOf(answer).Outcome.ShouldBe("backend_error");

        _foreign.Peer.IsDown = false;
        clock.Advance(TimeSpan.FromSeconds(31));
        (await _foreign.ExchangeAsync(_foreign.Token())).ShouldBeOk();
        _foreign.Peer.IsDown = true;
        clock.Advance(TimeSpan.FromHours(24));
        (await _foreign.ExchangeAsync(_foreign.Token())).ShouldBeOk();
        clock.Advance(TimeSpan.FromHours(25));
        (await _foreign.ExchangeAsync(_foreign.Token()))
            .ShouldRefuseAsOAuth(503, "temporarily_unavailable", "foreign_issuer_unreachable");
    }

    public static TheoryData<string> BadDocuments => ["issuer", "jwks_uri", "keys", "no keys", "twice", "long"];

    [Theory]
    [MemberData(nameof(BadDocuments))]
    public async Task Documents_that_are_not_right_give_no_keys(string what)
    {
        var peer = _foreign.Peer;
        _ = what switch
        {
            "issuer" => peer.ShownIssuer = peer.Issuer + "/",
            "jwks_uri" => peer.ShownJwksUri = "http://192.168.0.1/jwks",
            "keys" => peer.ShownKeys = """{"keys":{}}""",
            "no keys" => peer.ShownKeys = """{"keys":[{"kty":"oct","k":"AA","kid":"ec-1"}]}""",
            "twice" => peer.ShownKeys = peer.KeySet().Insert(1, "\"keys\":[],"),
            _ => peer.ShownKeys = peer.KeySet() + new string(' ', 40_000),
        };

        (await _foreign.ExchangeAsync(_foreign.Token()))
            .ShouldRefuseAsOAuth(503, "temporarily_unavailable", "foreign_issuer_unreachable");
    }

    private Task<Answer> MintAsync(string session) =>
        _foreign.App.PostRawAsync("/v1/mint-aws-creds", """{"role":"vault"}""", session);

    private string? RuleOf(Answer answer) =>
        ForeignBroker.EvidenceOf(_foreign.App.RowOf(answer)).GetProperty("foreign_rule").GetString();
}
