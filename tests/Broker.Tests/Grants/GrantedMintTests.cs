using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Grants;

/// <summary>
/// A signed mint uses the grant for its address and service: no more often than granted, and never for nothing.
/// </summary>
public sealed class GrantedMintTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync();
        _session = await _broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _wallet.Dispose();
    }

    [Fact]
    public async Task A_mint_uses_the_grant_and_names_it_in_the_entry_and_in_the_token()
    {
        var grant = await GrantAsync(uses: 2);

        var answer = (await MintAsync()).ShouldBeOk();

        (await UsedAsync(grant)).ShouldBe(1);
        _broker.RowOf(answer).Evidence.ShouldContain($"\"grant_id\":\"{grant}\"");
        Jws.Parse(_broker.Sts.LastCall["WebIdentityToken"]!)["agentkeys_grant_id"].ShouldBe(grant);
        var token = await MintAsync("/v1/mint-oidc-jwt");
        Jws.Read(token, "jwt")["agentkeys_grant_id"].ShouldBe(grant);
        (await UsedAsync(grant)).ShouldBe(2);
        (await MintAsync()).ShouldRefuse(403, "forbidden", "grant_exhausted").ShouldHoldNoCredential(_broker.Sts);
    }

    [Fact]
    public async Task Without_any_grant_a_mint_is_implicit_and_an_unsigned_one_asks_for_none()
    {
        var answer = (await MintAsync()).ShouldBeOk();
        _broker.RowOf(answer).Evidence.ShouldNotContain("grant_id");
        Jws.Parse(_broker.Sts.LastCall["WebIdentityToken"]!)["agentkeys_grant_id"].ShouldBeNull();

        await RevokeAsync(await GrantAsync(uses: 1));
        (await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session)).ShouldBeOk();
    }

    [Fact]
    public async Task A_grant_that_was_revoked_or_has_ended_refuses_until_there_is_a_new_one()
    {
        await RevokeAsync(await GrantAsync(uses: 5));
        var refused = (await MintAsync()).ShouldRefuse(403, "forbidden", "grant_revoked");
        _broker.RowOf(refused).Outcome.ShouldBe("denied");

        await GrantAsync(uses: 5);
        (await MintAsync()).ShouldBeOk();
        _broker.Clock.Advance(TimeSpan.FromHours(1));
        (await MintAsync()).ShouldRefuse(403, "forbidden", "grant_expired");
        await GrantAsync(uses: 1);
        (await MintAsync()).ShouldBeOk();
    }

    [Fact]
    public async Task A_grant_for_another_service_or_address_is_not_this_ones()
    {
        await GrantAsync(uses: 1, service: "sqs");
        await GrantAsync(uses: 1, daemon: "0x00000000000000000000000000000000000000aa");

        _broker.RowOf((await MintAsync()).ShouldBeOk()).Evidence.ShouldNotContain("grant_id");
    }

    /// <summary>One statement takes a use, so however many ask at once, five get five.</summary>
    [Fact]
    public async Task Many_at_once_use_no_more_than_was_granted()
    {
        var grant = await GrantAsync(uses: 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => MintAsync()));

        answers.Count(answer => (int)answer.Status == 200).ShouldBe(5);
        foreach (var refused in answers.Where(answer => (int)answer.Status != 200))
            refused.ShouldRefuse(403, "forbidden", "grant_exhausted").ShouldHoldNoCredential(_broker.Sts);
        (await UsedAsync(grant)).ShouldBe(5);
        _broker.MintLog().Count(row => row.Kind == "aws_credentials" && row.Outcome == "ok").ShouldBe(5);
    }

    [Fact]
    public async Task Of_two_live_grants_the_one_that_ends_first_is_used()
    {
        var late = await GrantAsync(uses: 1, seconds: 3000);
        var soon = await GrantAsync(uses: 1, seconds: 600);

        _broker.RowOf((await MintAsync()).ShouldBeOk()).Evidence.ShouldContain(soon);
        _broker.RowOf((await MintAsync()).ShouldBeOk()).Evidence.ShouldContain(late);
    }

    [Fact]
    public async Task A_dry_run_tells_of_the_grant_and_uses_nothing()
    {
        var grant = await GrantAsync(uses: 1);

        var rehearsed = (await MintAsync("/v1/mint-aws-creds?dry_run=true")).ShouldBeOk();

        rehearsed.Text.ShouldContain($"{grant}, use 1 of 1");
        rehearsed.Json.GetProperty("claims").GetProperty("agentkeys_grant_id").GetString().ShouldBe(grant);
        (await UsedAsync(grant)).ShouldBe(0);
        (await MintAsync()).ShouldBeOk();
        (await MintAsync("/v1/mint-aws-creds?dry_run=true")).ShouldBeOk().Text.ShouldContain("grant_exhausted");
    }

    [Fact]
    public async Task What_sts_refuses_costs_no_use()
    {
        var grant = await GrantAsync(uses: 1);
        var reply = _broker.Sts.Reply;
        _broker.Sts.Reply = _ => StsReply.Error(403, "AccessDenied", "no");
        (await MintAsync()).ShouldRefuse(502, "sts_error", "sts_failed");
        _broker.Sts.Reply = reply;

        (await UsedAsync(grant)).ShouldBe(0);
        (await MintAsync()).ShouldBeOk();
    }

    [Theory]
    [InlineData("/v1/mint-aws-creds")]
    [InlineData("/v1/mint-oidc-jwt")]
    public async Task What_the_ledger_cannot_hold_costs_no_use(string route)
    {
        var grant = await GrantAsync(uses: 1);
        using (DatabaseLock.Hold(_broker.LedgerFile))
            (await MintAsync(route)).ShouldRefuse(500, "audit_error", "ledger_write_failed");

        (await UsedAsync(grant)).ShouldBe(0);
    }

    [Fact]
    public async Task A_mint_that_another_check_refuses_costs_no_use()
    {
        var grant = await GrantAsync(uses: 1);
        var body = SignedMintBody.Unsigned(_wallet.Address, _broker.Clock.Now);
        body["role"] = "moon";
        (await _broker.PostAsync("/v1/mint-aws-creds", SignedMintBody.SignedBy(_wallet, body), _session))
            .ShouldRefuse(400, "bad_request", "role_not_in_catalogue");

        (await UsedAsync(grant)).ShouldBe(0);
    }

    [Fact]
    public async Task A_repeat_by_idempotency_key_uses_the_grant_once()
    {
        var grant = await GrantAsync(uses: 1);
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);
        Task<Answer> AskAsync() =>
            _broker.PostAsync("/v1/mint-aws-creds", body, _session, ("Idempotency-Key", "once"));

        var first = (await AskAsync()).ShouldBeOk();

        (await AskAsync()).ShouldBeOk().Text.ShouldBe(first.Text);
        (await UsedAsync(grant)).ShouldBe(1);
    }

    [Fact]
    public async Task A_broker_that_wants_explicit_grants_refuses_every_mint_without_one()
    {
        await using var strict = await BrokerApp.StartAsync(("BROKER_REQUIRE_EXPLICIT_GRANT", "true"));
        var session = await strict.SignInAsync(_wallet);
        Task<Answer> SignedAsync() => strict.PostAsync(
            "/v1/mint-aws-creds", SignedMintBody.Signed(_wallet, strict.Clock.Now), session);

        var refused = (await SignedAsync()).ShouldRefuse(403, "forbidden", "grant_required");
        strict.RowOf(refused).Outcome.ShouldBe("denied");
        (await strict.PostAsync("/v1/mint-aws-creds", bearer: session))
            .ShouldRefuse(403, "forbidden", "grant_required");
        (await strict.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(403, "forbidden", "grant_required");

        await GrantAsync(uses: 1, broker: strict, session: session);
        (await SignedAsync()).ShouldBeOk();
        strict.Sts.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_grant_that_the_ledger_cannot_hold_is_not_made()
    {
        Answer answer;
        using (DatabaseLock.Hold(_broker.LedgerFile)) answer = await CreateAsync(_broker, _session, 1, "s3", null, 60);

        answer.ShouldRefuse(500, "audit_error", "ledger_write_failed").Text.ShouldNotContain("eyJ");
        (await ListAsync()).ShouldBeEmpty();
    }

    /// <summary>Safety first, then the record; the same request makes up for what was missed.</summary>
    [Fact]
    public async Task A_revocation_that_the_ledger_cannot_hold_holds_at_once_and_goes_on_record_when_asked_again()
    {
        var grant = await GrantAsync(uses: 1);
        using (DatabaseLock.Hold(_broker.LedgerFile))
        {
            (await _broker.PostAsync("/v1/grant/revoke", new { grant_id = grant }, _session))
                .ShouldRefuse(500, "audit_error", "ledger_write_failed");
        }

        var again = (await _broker.PostAsync("/v1/grant/revoke", new { grant_id = grant }, _session)).ShouldBeOk();
        _broker.RowOf(again).Outcome.ShouldBe("revoked");
        (await MintAsync()).ShouldRefuse(403, "forbidden", "grant_revoked");
        (await _broker.PostAsync("/v1/grant/revoke", new { grant_id = grant }, _session))
            .ShouldRefuse(400, "bad_request", "unknown_grant");
    }

    [Fact]
    public async Task An_actor_makes_so_many_changes_in_an_hour_and_can_always_revoke()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_CHANGES_PER_HOUR_PER_OMNI", "2"));
        var session = await broker.SignInAsync(_wallet);
        var grant = await GrantAsync(1, broker: broker, session: session);
        await GrantAsync(1, broker: broker, session: session);

        var refused = await CreateAsync(broker, session, 1, "s3", null, 60);

        refused.ShouldRefuse(429, "rate_limited", "changes_rate_limited").Header("Retry-After").ShouldNotBeNull();
        (await broker.PostAsync("/v1/grant/revoke", new { grant_id = grant }, session)).ShouldBeOk();
    }

    private Task<Answer> MintAsync(string route = "/v1/mint-aws-creds") =>
        _broker.PostAsync(route, SignedMintBody.Signed(_wallet, _broker.Clock.Now), _session);

    private async Task<string> GrantAsync(
        int uses, string service = "s3", string? daemon = null, int seconds = 3600, BrokerApp? broker = null,
        string? session = null) =>
        (await CreateAsync(broker ?? _broker, session ?? _session, uses, service, daemon, seconds))
            .ShouldBeOk()["grant_id"]!;

    private Task<Answer> CreateAsync(
        BrokerApp broker, string session, int uses, string service, string? daemon, int seconds) =>
        broker.PostAsync("/v1/grant/create", new
        {
            daemon_address = daemon ?? _wallet.ChecksummedAddress,
            service,
            scope_path = "",
            expires_at = broker.Clock.UnixSeconds + seconds,
            max_uses = uses,
        }, session);

    private async Task RevokeAsync(string grant) =>
        (await _broker.PostAsync("/v1/grant/revoke", new { grant_id = grant }, _session)).ShouldBeOk();

    private async Task<int> UsedAsync(string grant) => (await ListAsync())
        .Single(one => one.GetProperty("grant_id").GetString() == grant).GetProperty("used_count").GetInt32();

    private async Task<JsonElement[]> ListAsync() =>
        [.. (await _broker.GetAsync("/v1/grant/list", ("Authorization", $"Bearer {_session}"))).ShouldBeOk()
            .Json.GetProperty("grants").EnumerateArray()];
}
