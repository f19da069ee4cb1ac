using Broker.Tests.Hosting;

namespace Broker.Tests.IdentityLinks;

/// <summary>
/// Links with the proof of both identities: what they need, what they undo, and what they do not give.
/// </summary>
public sealed class ProvenLinkTests : IAsyncLifetime
{
    private readonly Wallet _master = new(), _agent = new(), _stranger = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync();
        _session = await _broker.SignInAsync(_master);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _master.Dispose();
        _agent.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task Both_are_proven_by_a_session_of_each_and_the_link_is_on_record()
    {
        var linked = (await LinkAsync(_agent)).ShouldBeOk();

        linked["omni_account"].ShouldBe(_master.Omni);
        linked["identity_value"].ShouldBe(_agent.Address);
        linked["proven"].ShouldBe("True");
        var row = _broker.RowOf(linked);
        row.ActorOmni.ShouldBe(_master.Omni);
        row.OutcomeDetail.ShouldBe("linked with proof of both");
        row.Evidence.ShouldBe($$"""{"identity_omni":"{{_agent.Omni}}","identity_type":"evm"}""");
    }

    [Fact]
    public async Task A_session_that_is_old_ended_or_forged_proves_nothing()
    {
        var ended = await _broker.SignInAsync(_agent);
        await _broker.PostAsync("/v1/auth/session/end", bearer: ended);
        var old = await _broker.SignInAsync(_agent);
        _broker.Clock.Advance(TimeSpan.FromMinutes(10));

        foreach (var token in (string[])[old, ended, old[..^2] + "AA", "", "opaque"])
        {
            (await _broker.PostAsync("/v1/identity/link", new { identity_token = token }, _session))
                .ShouldRefuse(401, "unauthorized", "identity_proof_refused");
        }

        (await LinksAsync()).ShouldBe(0);
    }

    /// <summary>A claim by name keeps nobody from what is its own.</summary>
    [Fact]
    public async Task A_proven_link_takes_the_place_of_a_strangers_claim_and_a_claim_never_that_of_a_proven_link()
    {
        var stranger = await _broker.SignInAsync(_stranger);
        (await ClaimAsync(stranger)).ShouldBeOk();

        (await LinkAsync(_agent)).ShouldBeOk();

        (await ClaimAsync(stranger)).ShouldRefuse(401, "unauthorized", "identity_linked_elsewhere");
        var found = (await LookupAsync()).ShouldBeOk();
        found["omni_account"].ShouldBe(_master.Omni);
        found["proven"].ShouldBe("True");
        (await LinkAsync(_agent, stranger)).ShouldRefuse(401, "unauthorized", "identity_linked_elsewhere");
    }

    [Fact]
    public async Task A_proven_link_ends_with_proof_of_both_only()
    {
        (await LinkAsync(_agent)).ShouldBeOk();

        (await _broker.PostAsync(
            "/v1/identity/unlink", new { identity_type = "evm", identity_value = _agent.Address }, _session))
            .ShouldRefuse(401, "unauthorized", "identity_proof_needed");
        (await UnlinkAsync(_agent, await _broker.SignInAsync(_stranger)))
            .ShouldRefuse(400, "bad_request", "identity_not_linked");
        var unlinked = (await UnlinkAsync(_agent)).ShouldBeOk();

        _broker.RowOf(unlinked).Outcome.ShouldBe("revoked");
        (await LinksAsync()).ShouldBe(0);
        (await UnlinkAsync(_agent)).ShouldRefuse(400, "bad_request", "identity_not_linked");
        (await LinkAsync(_agent, await _broker.SignInAsync(_stranger))).ShouldBeOk();
    }

    [Fact]
    public async Task A_claim_ends_at_the_word_of_its_master_and_both_forms_at_once_are_refused()
    {
        (await ClaimAsync(_session)).ShouldBeOk();
        var token = await _broker.SignInAsync(_agent);

        (await _broker.PostAsync("/v1/identity/unlink", new { }, _session))
            .ShouldRefuse(400, "bad_request", "invalid_field");
        (await _broker.PostAsync(
            "/v1/identity/unlink",
            new { identity_token = token, identity_type = "evm", identity_value = _agent.Address }, _session))
            .ShouldRefuse(400, "bad_request", "invalid_field");
        (await _broker.PostAsync(
            "/v1/identity/unlink", new { identity_type = "evm", identity_value = _agent.Address }, _session))
            .ShouldBeOk();
        (await LinksAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_identity_that_makes_the_actor_is_neither_linked_nor_unlinked()
    {
        (await LinkAsync(_master)).ShouldRefuse(400, "bad_request", "own_identity");
        (await UnlinkAsync(_master)).ShouldRefuse(400, "bad_request", "own_identity");
    }

    /// <summary>
    /// Contract §7.1: AWS prefixes use the session's own omni; §2.15: a mail takeover alone gives nothing.
    /// </summary>
    [Fact]
    public async Task A_session_of_a_linked_identity_stays_its_own()
    {
        (await LinkAsync(_agent)).ShouldBeOk();

        var signedIn = (await _broker.SignInAnswerAsync(_agent)).ShouldBeOk();
        signedIn["omni_account"].ShouldBe(_agent.Omni);
        var token = await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: signedIn["session_jwt"]);
        Jws.Read(token, "jwt")["agentkeys_actor_omni"].ShouldBe(_agent.Omni);
    }

    [Fact]
    public async Task A_masters_grant_binds_the_wallet_that_is_linked_to_it_with_proof()
    {
        await GrantAsync();
        var agent = await _broker.SignInAsync(_agent);
        Task<Answer> MintAsync() => _broker.PostAsync(
            "/v1/mint-aws-creds", SignedMintBody.Signed(_agent, _broker.Clock.Now), agent);
        (await ClaimAsync(_session)).ShouldBeOk();
        _broker.RowOf((await MintAsync()).ShouldBeOk()).Evidence.ShouldNotContain("grant_id", customMessage: "a claim");

        (await LinkAsync(_agent)).ShouldBeOk();

        var answer = (await MintAsync()).ShouldBeOk();
        _broker.RowOf(answer).Evidence.ShouldContain("grant_id");
        _broker.RowOf(answer).ActorOmni.ShouldBe(_agent.Omni);
        (await MintAsync()).ShouldRefuse(403, "forbidden", "grant_exhausted");
    }

    [Fact]
    public async Task A_link_that_the_ledger_cannot_hold_counts_for_nothing_and_can_be_made_again()
    {
        var token = await _broker.SignInAsync(_agent);
        using (DatabaseLock.Hold(_broker.LedgerFile))
        {
            (await _broker.PostAsync("/v1/identity/link", new { identity_token = token }, _session))
                .ShouldRefuse(500, "audit_error", "ledger_write_failed");
        }

        (await LinksAsync()).ShouldBe(0);
        (await LookupAsync()).ShouldBeOk()["linked"].ShouldBe("False");
        (await LinkAsync(_agent)).ShouldBeOk();
        (await LinksAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Lookups_are_limited_by_client_address()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_LOOKUPS_PER_HOUR_PER_IP", "2"));
        Task<Answer> AskAsync(string from) => broker.PostAsync(
            "/v1/wallet/recover/lookup", new { identity_type = "email", identity_value = "a@example.org" }, null,
            ("X-Forwarded-For", from));

        (await AskAsync("203.0.113.7")).ShouldBeOk();
        (await AskAsync("203.0.113.7")).ShouldBeOk();
        (await AskAsync("203.0.113.7")).ShouldRefuse(429, "rate_limited", "lookup_rate_limited")
            .Header("Retry-After").ShouldNotBeNull();
        (await AskAsync("203.0.113.8")).ShouldBeOk();
    }

    private async Task<Answer> LinkAsync(Wallet identity, string? session = null) => await _broker.PostAsync(
        "/v1/identity/link", new { identity_token = await _broker.SignInAsync(identity) }, session ?? _session);

    private async Task<Answer> UnlinkAsync(Wallet identity, string? session = null) => await _broker.PostAsync(
        "/v1/identity/unlink", new { identity_token = await _broker.SignInAsync(identity) }, session ?? _session);

    private Task<Answer> ClaimAsync(string session) => _broker.PostAsync(
        "/v1/wallet/link", new { identity_type = "evm", identity_value = _agent.Address }, session);

    private Task<Answer> LookupAsync() => _broker.PostAsync(
        "/v1/wallet/recover/lookup", new { identity_type = "evm", identity_value = _agent.Address });

    private async Task GrantAsync() => (await _broker.PostAsync("/v1/grant/create", new
    {
        daemon_address = _agent.Address,
        service = "s3",
        scope_path = "",
        expires_at = _broker.Clock.UnixSeconds + 3600,
        max_uses = 1,
    }, _session)).ShouldBeOk();

    private async Task<int> LinksAsync() =>
        (await _broker.GetAsync("/v1/wallet/links", ("Authorization", $"Bearer {_session}"))).ShouldBeOk()
            .Json.GetProperty("links").GetArrayLength();
}
