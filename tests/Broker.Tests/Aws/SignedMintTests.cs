using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary>The signed form of a mint: checked whenever it is there, demanded where the operator says so.</summary>
public sealed class SignedMintTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new(), _other = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        _other.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Signs_the_whole_body_role_and_lifetime_included()
    {
        var body = SignedMintBody.Unsigned(_wallet.Address, _broker.Clock.Now);
        body["role"] = "data";
        body["duration_seconds"] = 900;
        SignedMintBody.SignedBy(_wallet, body);
        (await MintAsync(body)).ShouldBeOk().Number("expiration").ShouldBe(_broker.Clock.UnixSeconds + 900);

        var changed = SignedMintBody.Unsigned(_wallet.Address, _broker.Clock.Now);
        changed["role"] = "data";
        SignedMintBody.SignedBy(_wallet, changed)["role"] = "vault";
        (await MintAsync(changed)).ShouldRefuse(401, "unauthorized", "signature_mismatch");
    }

    [Fact]
    public async Task The_order_of_members_and_white_space_do_not_matter()
    {
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);
        var turned =
            new JsonObject(body.Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

        (await _broker.PostRawAsync(
            "/v1/mint-aws-creds", turned.ToJsonString(new() { WriteIndented = true }), _session)).ShouldBeOk();
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(61)]
    public async Task Refuses_a_request_signed_too_long_ago_or_in_the_future(int seconds) =>
        (await MintAsync(SignedMintBody.Signed(_wallet, _broker.Clock.Now.AddSeconds(seconds))))
            .ShouldRefuse(401, "unauthorized", "signed_request_expired");

    [Theory]
    [InlineData(-300)]
    [InlineData(60)]
    public async Task Takes_a_request_within_five_minutes_and_the_clocks_skew(int seconds) =>
        (await MintAsync(SignedMintBody.Signed(_wallet, _broker.Clock.Now.AddSeconds(seconds)))).ShouldBeOk();

    [Fact]
    public async Task Refuses_a_request_sent_twice_and_calls_sts_once()
    {
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);
        (await MintAsync(body)).ShouldBeOk();
        var calls = _broker.Sts.Calls.Count;

        (await MintAsync(body)).ShouldRefuse(401, "unauthorized", "signed_request_replayed");

        _broker.Sts.Calls.Count.ShouldBe(calls);
    }

    [Fact]
    public async Task Refuses_a_request_id_used_before_even_under_a_new_signature_but_not_another_actors()
    {
        (await MintAsync(SignedMintBody.Signed(_wallet, _broker.Clock.Now, "same-id"))).ShouldBeOk();

        (await MintAsync(SignedMintBody.Signed(_wallet, _broker.Clock.Now.AddSeconds(1), "same-id")))
            .ShouldRefuse(401, "unauthorized", "signed_request_replayed");
        (await _broker.PostAsync(
            "/v1/mint-aws-creds", SignedMintBody.Signed(_other, _broker.Clock.Now, "same-id"),
            await _broker.SignInAsync(_other))).ShouldBeOk();
    }

    [Fact]
    public async Task A_replay_is_remembered_over_a_restart()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var body = SignedMintBody.Signed(_wallet, broker.Clock.Now);
        (await broker.PostAsync("/v1/mint-aws-creds", body, session)).ShouldBeOk();

        await broker.RestartAsync();

        (await broker.PostAsync("/v1/mint-aws-creds", body, session))
            .ShouldRefuse(401, "unauthorized", "signed_request_replayed");
    }

    [Fact]
    public async Task A_request_that_was_refused_before_its_turn_does_not_use_up_the_id()
    {
        var stolen =
            SignedMintBody.SignedBy(_other, SignedMintBody.Unsigned(_wallet.Address, _broker.Clock.Now, "mine"));
        (await MintAsync(stolen)).ShouldRefuse(401, "unauthorized", "signature_mismatch");

        (await MintAsync(SignedMintBody.Signed(_wallet, _broker.Clock.Now, "mine"))).ShouldBeOk();
    }

    [Fact]
    public async Task Demands_nothing_of_an_unsigned_request_unless_the_operator_does()
    {
        await using var strict = await BrokerApp.StartAsync(("BROKER_REQUIRE_SIGNED_MINT", "true"));
        var session = await strict.SignInAsync(_wallet);

        (await MintAsync(new JsonObject { ["role"] = "data" })).ShouldBeOk();
        var refused = await strict.PostAsync("/v1/mint-aws-creds", new { role = "data" }, session);
        refused.ShouldRefuse(400, "bad_request", "signature_required");
        strict.RowOf(refused).Outcome.ShouldBe("bad_request");
    }

    /// <summary>An OIDC token and a call to STS give the same as a mint: the operator's demand holds for both.</summary>
    [Fact]
    public async Task A_signature_that_is_demanded_is_demanded_of_tokens_too()
    {
        await using var strict = await BrokerApp.StartAsync(("BROKER_REQUIRE_SIGNED_MINT", "true"));
        var session = await strict.SignInAsync(_wallet);

        (await strict.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(400, "bad_request", "signature_required");
        var rehearsed = (await strict.PostAsync("/v1/mint-oidc-jwt?dry_run=true", bearer: session)).ShouldBeOk();
        rehearsed.Json.GetProperty("granted").GetBoolean().ShouldBeFalse();
        rehearsed.Text.ShouldContain("signature_required");

        var signed = SignedMintBody.Signed(_wallet, strict.Clock.Now);
        var answer = (await strict.PostAsync("/v1/mint-oidc-jwt", signed, session)).ShouldBeOk();
        strict.RowOf(answer).RequestHash.Length.ShouldBe(64);
        (await strict.PostAsync("/v1/mint-oidc-jwt", signed, session))
            .ShouldRefuse(401, "unauthorized", "signed_request_replayed");
    }

    /// <summary>RFC 3339 §5.6: any number of digits behind a point, T and Z in either case, but a digit there is.</summary>
    [Theory]
    [InlineData("2026-05-04T12:00:00.123456789Z", true)]
    [InlineData("2026-05-04t12:00:00z", true)]
    [InlineData("2026-05-04T14:00:00.5+02:00", true)]
    [InlineData("2026-05-04T12:00:00.Z", false)]
    [InlineData("1777896000", true)]
    [InlineData("1777896000\0", false)]
    [InlineData("+1777896000", false)]
    [InlineData("2026-05-04T12:00:00", false)]
    public async Task The_time_of_a_signed_request_is_read_by_its_grammar(string issuedAt, bool accepted)
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var body = SignedMintBody.Unsigned(_wallet.Address, broker.Clock.Now);
        body["issued_at"] = issuedAt;

        var answer = await broker.PostAsync("/v1/mint-aws-creds", SignedMintBody.SignedBy(_wallet, body), session);

        if (accepted) answer.ShouldBeOk();
        else answer.ShouldRefuse(400, "bad_request", "invalid_field");
    }

    [Theory]
    [InlineData("""{"request_id":""}""", "request_id must be a text of 1 to 256 characters")]
    [InlineData("""{"request_id":7}""", "request_id must be a text of 1 to 256 characters")]
    [InlineData("""{"request_id":"r"}""", "issued_at must be an RFC 3339 time or unix seconds, as a text")]
    [InlineData("""{"request_id":"r","issued_at":"0001-01-01T00:00:00Z"}""",
        "issued_at must be an RFC 3339 time or unix seconds, as a text")]
    [InlineData("""{"request_id":" ","issued_at":"1","intent":[]}""",
        "intent must be an object with agent_id, service and scope_path")]
    [InlineData("""{"request_id":"r","issued_at":"1","intent":{"agent_id":"","service":null}}""",
        "intent.service must be a text of at most 256 characters")]
    [InlineData("""{"request_id":"r","issued_at":"1","intent":{"agent_id":"","service":"","scope_path":""}}""",
        "auth must be an object with address and signature")]
    [InlineData("""
        {"request_id":"r","issued_at":"1","intent":{"agent_id":"","service":"","scope_path":""},"auth":{}}
        """, "auth.address must be 0x and 40 hex digits")]
    [InlineData("""
        {"request_id":"r","issued_at":"1","intent":{"agent_id":"","service":"","scope_path":""},
         "auth":{"address":"0x00000000000000000000000000000000000000aa"}}
        """, "auth.signature must be 0x and 130 hex digits")]
    public async Task Names_the_first_member_of_the_signed_form_that_is_wrong(string body, string wrong) =>
        (await MintAsync(JsonNode.Parse(body)!.AsObject())).ShouldRefuse(400, "bad_request", "invalid_field")["message"]
            .ShouldBe($"bad request: {wrong}");

    [Theory]
    [InlineData("request_id")]
    [InlineData("issued_at")]
    [InlineData("intent")]
    [InlineData("auth")]
    public async Task Half_a_signed_form_is_refused_not_taken_as_unsigned(string member)
    {
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);
        foreach (var other in body.Select(one => one.Key).Where(name => name != member).ToList()) body.Remove(other);

        (await MintAsync(body)).ShouldRefuse(400, "bad_request", "invalid_field");
    }

    private Task<Answer> MintAsync(JsonObject body) => _broker.PostAsync("/v1/mint-aws-creds", body, _session);
}
