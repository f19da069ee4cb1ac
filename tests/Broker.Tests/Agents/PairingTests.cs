using System.Text;
using Broker.Tests.Hosting;

namespace Broker.Tests.Agents;

/// <summary>Pairing (contract §2.16): every state, and who may do what in it.</summary>
public sealed class PairingTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new(), _stranger = new();
    private readonly Device _device = new(), _other = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        _stranger.Dispose();
        _device.Dispose();
        _other.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_device_asks_a_master_claims_and_the_device_fetches_its_session_once()
    {
        var asked = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        asked["request_id"]!.ShouldMatch("^[A-Za-z0-9_-]{43}$");
        asked["pairing_code"]!.ShouldMatch("^[A-Za-z0-9_-]{24}$");
        asked["device_key_hash"].ShouldBe(_device.KeyHash);
        asked.Number("expires_at").ShouldBe(_broker.Clock.UnixSeconds + 600);
        _broker.RowOf(asked).Evidence.ShouldContain(_device.KeyHash);
        (await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk().Text.ShouldBe("""{"status":"pending"}""");

        var claimed = (await _broker.ClaimAsync(asked["pairing_code"], _session)).ShouldBeOk();

        claimed.Json.EnumerateObject().Select(member => member.Name).ShouldBe(
        [
            "request_id", "child_omni", "operator_omni", "label", "requested_scope", "path_policy", "device_pubkey",
            "pop_sig", "device_key_hash",
        ]);
        claimed.Json.GetProperty("path_policy").GetRawText()
            .ShouldBe("""{"derivation_path":"//agent-a","active":true,"default":"deny"}""");
        claimed["operator_omni"].ShouldBe(_wallet.Omni);
        _broker.RowOf(claimed).ActorOmni.ShouldBe(_wallet.Omni);
        var fetched = (await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk();
        fetched["status"].ShouldBe("claimed");
        ShouldBeTheAgents(Jws.Read(fetched, "session_jwt"), fetched);
        var row = _broker.RowOf(fetched);
        row.Kind.ShouldBe("session_token");
        row.OutcomeDetail.ShouldBe("agent_hdkd");
        row.ActorOmni.ShouldBe(claimed["child_omni"]);
        row.Evidence.ShouldContain(_wallet.Omni);
        (await _broker.PollAsync(asked["request_id"], _device))
            .ShouldRefuse(401, "unauthorized", "pairing_fetched").ShouldHoldNoCredential(_broker.Sts);
    }

    /// <summary>Whoever reads the state database alone can neither claim a device nor fetch a session.</summary>
    [Fact]
    public async Task The_state_database_shows_neither_a_code_nor_a_request_id()
    {
        var open = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        var claimed = (await _broker.RequestPairingAsync(_other)).ShouldBeOk();
        (await _broker.ClaimAsync(claimed["pairing_code"], _session)).ShouldBeOk();
        var made = (await _broker.PostAsync("/v1/agent/create", new { label = "agent-c" }, _session)).ShouldBeOk();

        var files = string.Concat(((string[])["", "-wal"]).Select(ending => _broker.StateFile + ending)
            .Where(File.Exists).Select(file => Encoding.Latin1.GetString(ReadShared(file))));

        files.ShouldContain(_device.Pubkey, Case.Sensitive, "the row is there");
        string?[] secrets =
        [
            open["pairing_code"], open["request_id"], claimed["pairing_code"], claimed["request_id"],
            made["link_code"],
        ];
        foreach (var secret in secrets) files.ShouldNotContain(secret!);
    }

    [Fact]
    public async Task Of_many_polls_at_once_one_gets_the_session()
    {
        var asked = await ClaimedAsync();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => _broker.PollAsync(asked["request_id"], _device)));

        answers.Count(answer => (int)answer.Status == 200).ShouldBe(1);
        foreach (var late in answers.Where(answer => (int)answer.Status != 200))
            late.ShouldRefuse(401, "unauthorized", "pairing_fetched");
    }

    [Fact]
    public async Task A_new_request_ends_the_devices_earlier_open_ones_and_no_others()
    {
        var first = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        var others = (await _broker.RequestPairingAsync(_other)).ShouldBeOk();
        var claimed = await ClaimedAsync();
        var second = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();

        (await _broker.ClaimAsync(first["pairing_code"], _session))
            .ShouldRefuse(401, "unauthorized", "unknown_pairing_code");
        (await _broker.PollAsync(first["request_id"], _device)).ShouldRefuse(401, "unauthorized", "unknown_pairing");
        (await _broker.PollAsync(others["request_id"], _other)).ShouldBeOk();
        (await _broker.PollAsync(claimed["request_id"], _device)).ShouldBeOk()["status"].ShouldBe("claimed");
        (await _broker.ClaimAsync(second["pairing_code"], _session, "agent-b")).ShouldBeOk();
    }

    [Fact]
    public async Task A_code_is_claimed_once_by_a_master_within_ten_minutes()
    {
        var asked = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        (await _broker.ClaimAsync(asked["pairing_code"], null)).ShouldRefuse(401, "unauthorized", "missing_bearer");
        (await _broker.ClaimAsync(asked["pairing_code"], _session, "Bad Label"))
            .ShouldRefuse(400, "bad_request", "invalid_field");
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(n => _broker.ClaimAsync(asked["pairing_code"], _session, $"agent-{n}")));
        answers.Count(answer => (int)answer.Status == 200).ShouldBe(1);

        var late = (await _broker.RequestPairingAsync(_other)).ShouldBeOk();
        _broker.Clock.Advance(TimeSpan.FromSeconds(600));
        (await _broker.ClaimAsync(late["pairing_code"], _session))
            .ShouldRefuse(401, "unauthorized", "unknown_pairing_code");
        (await _broker.PollAsync(late["request_id"], _other)).ShouldRefuse(401, "unauthorized", "pairing_expired");
    }

    [Fact]
    public async Task What_was_claimed_can_be_fetched_for_ten_minutes_more()
    {
        var asked = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        _broker.Clock.Advance(TimeSpan.FromSeconds(599));
        (await _broker.ClaimAsync(asked["pairing_code"], _session)).ShouldBeOk();
        _broker.Clock.Advance(TimeSpan.FromSeconds(599));
        (await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk()["status"].ShouldBe("claimed");

        var late = await ClaimedAsync();
        _broker.Clock.Advance(TimeSpan.FromSeconds(600));
        (await _broker.PollAsync(late["request_id"], _device)).ShouldRefuse(401, "unauthorized", "pairing_expired");
    }

    [Theory]
    [InlineData("/v1/agent/pairing/request")]
    [InlineData("/v1/agent/pairing/poll")]
    public async Task A_device_must_have_its_key(string route)
    {
        var asked = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        Task<Answer> AskAsync(string pubkey, string pop) => _broker.PostAsync(
            route, new { request_id = asked["request_id"], device_pubkey = pubkey, pop_sig = pop });

        (await AskAsync(_device.Pubkey, _other.Pop)).ShouldRefuse(401, "unauthorized", "signature_mismatch");
        (await AskAsync(_device.Pubkey, _device.Sign("agentkeys-agent-pop:"u8.ToArray())))
            .ShouldRefuse(401, "unauthorized", "signature_mismatch");
        (await AskAsync(_device.Pubkey, "0x12")).ShouldRefuse(400, "bad_request", "invalid_field");
        (await AskAsync(_device.KeyHash, _device.Pop)).ShouldRefuse(400, "bad_request", "invalid_field");
        (await _broker.PollAsync(asked["request_id"], _other)).ShouldRefuse(401, "unauthorized", "unknown_pairing");
    }

    [Fact]
    public async Task A_declined_device_gets_no_session()
    {
        var asked = await ClaimedAsync();

        var declined = (await _broker.DecideAsync("decline", asked["request_id"], _session)).ShouldBeOk();

        _broker.RowOf(declined).Outcome.ShouldBe("denied");
        (await _broker.PendingAsync(_session)).ShouldBeEmpty();
        (await _broker.PollAsync(asked["request_id"], _device))
            .ShouldRefuse(403, "forbidden", "pairing_declined").ShouldHoldNoCredential(_broker.Sts);
        (await _broker.DecideAsync("decline", asked["request_id"], _session))
            .ShouldRefuse(400, "bad_request", "unknown_binding");
    }

    [Fact]
    public async Task A_decline_ends_the_session_that_the_device_has_fetched()
    {
        var asked = await ClaimedAsync();
        var agent = (await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk()["session_jwt"];
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: agent)).ShouldBeOk();

        var declined = (await _broker.DecideAsync("decline", asked["request_id"], _session)).ShouldBeOk();

        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: agent))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        _broker.RowsOf(declined).Select(row => row.Kind).ShouldBe(["session_token", "agent_pairing"]);
    }

    [Fact]
    public async Task Only_its_master_binds_or_declines_and_each_once()
    {
        var asked = await ClaimedAsync();
        var stranger = await _broker.SignInAsync(_stranger);
        (await _broker.PendingAsync(stranger)).ShouldBeEmpty();
        foreach (var verb in (string[])["ack", "decline"])
        {
            (await _broker.DecideAsync(verb, asked["request_id"], stranger))
                .ShouldRefuse(400, "bad_request", "unknown_binding");
        }

        (await _broker.PendingAsync(_session)).ShouldHaveSingleItem().GetProperty("device_key_hash").GetString()
            .ShouldBe(_device.KeyHash);
        var bound = (await _broker.DecideAsync("ack", asked["request_id"], _session)).ShouldBeOk();

        _broker.RowOf(bound).OutcomeDetail.ShouldBe("bound");
        (await _broker.PendingAsync(_session)).ShouldBeEmpty();
        (await _broker.DecideAsync("ack", asked["request_id"], _session))
            .ShouldRefuse(400, "bad_request", "unknown_binding");
        (await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk()["status"].ShouldBe("claimed");
    }

    [Fact]
    public async Task An_agent_is_no_master()
    {
        var agent = await _broker.PairAsync(_device, _session);

        foreach (var (method, path) in _broker.RoutePatterns.Where(route =>
            route.Pattern.StartsWith("/v1/grant/", StringComparison.Ordinal)
            || route.Pattern.StartsWith("/v1/identity/", StringComparison.Ordinal)
            || route.Pattern.StartsWith("/v1/agent/pending-bindings", StringComparison.Ordinal)
            || route.Pattern is "/v1/agent/pairing/claim" or "/v1/wallet/link" or "/v1/wallet/links"))
        {
            var answer = method == "GET"
                ? await _broker.GetAsync(path, ("Authorization", $"Bearer {agent}"))
                : await _broker.PostAsync(path, new { }, agent);
            answer.ShouldRefuse(403, "forbidden", "not_a_master");
        }
    }

    [Fact]
    public async Task A_suspended_agent_keeps_its_session_and_gets_nothing_until_it_is_resumed()
    {
        var agent = await _broker.PairAsync(_device, _session);
        var policies = (await _broker.GetAsync(
            "/v1/grant/path-policies", ("Authorization", $"Bearer {_session}"))).ShouldBeOk();
        policies["owner"].ShouldBe(_wallet.Omni);
        policies["default"].ShouldBe("deny");
        policies.Json.GetProperty("policies")[0].GetProperty("derivation_path").GetString().ShouldBe("//agent-a");

        var suspended = (await SetAsync("suspend")).ShouldBeOk();

        suspended["active"].ShouldBe("False");
        suspended.Number("updated_at").ShouldBe(_broker.Clock.UnixSeconds);
        _broker.RowOf(suspended).Outcome.ShouldBe("revoked");
        foreach (var route in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds"])
        {
            (await _broker.PostAsync(route, bearer: agent))
                .ShouldRefuse(403, "forbidden", "path_suspended").ShouldHoldNoCredential(_broker.Sts);
        }

        _broker.RowOf((await SetAsync("resume")).ShouldBeOk()).Outcome.ShouldBe("ok");
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: agent)).ShouldBeOk();
        (await SetAsync("suspend", "//moon")).ShouldRefuse(400, "bad_request", "unknown_path");
    }

    /// <summary>Only the master's own word resumes a path: neither a new device nor an old code does.</summary>
    [Fact]
    public async Task A_suspended_path_stays_suspended_however_its_label_is_claimed()
    {
        var made = (await _broker.PostAsync("/v1/agent/create", new { label = "agent-a" }, _session)).ShouldBeOk();
        var agent = await _broker.PairAsync(_device, _session);
        (await SetAsync("suspend")).ShouldBeOk();

        var asked = (await _broker.RequestPairingAsync(_other)).ShouldBeOk();
        var claimed = (await _broker.ClaimAsync(asked["pairing_code"], _session)).ShouldBeOk();
        claimed.Json.GetProperty("path_policy").GetProperty("active").GetBoolean().ShouldBeFalse();
        (await _broker.PostAsync("/v1/auth/link-code/redeem", new
        {
            link_code = made["link_code"],
            device_pubkey = _other.Pubkey,
            pop_sig = _other.Pop,
        })).ShouldBeOk();

        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: agent)).ShouldRefuse(403, "forbidden", "path_suspended");
        (await SetAsync("resume")).ShouldBeOk();
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: agent)).ShouldBeOk();
    }

    [Fact]
    public async Task A_claim_or_a_fetch_that_the_ledger_cannot_hold_gives_nothing_and_can_be_made_again()
    {
        var asked = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        using (DatabaseLock.Hold(_broker.LedgerFile))
        {
            (await _broker.ClaimAsync(asked["pairing_code"], _session))
                .ShouldRefuse(500, "audit_error", "ledger_write_failed");
        }

        (await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk()["status"].ShouldBe("pending");
        (await _broker.ClaimAsync(asked["pairing_code"], _session)).ShouldBeOk();
        using (DatabaseLock.Hold(_broker.LedgerFile))
        {
            (await _broker.PollAsync(asked["request_id"], _device))
                .ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(_broker.Sts);
        }

        (await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk()["status"].ShouldBe("claimed");
    }

    [Fact]
    public async Task Devices_are_limited_by_client_address()
    {
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_RATE_LIMIT_PAIRINGS_PER_HOUR_PER_IP", "1"),
            ("BROKER_RATE_LIMIT_PAIRING_POLLS_PER_HOUR_PER_IP", "2"));
        var asked = (await broker.RequestPairingAsync(_device)).ShouldBeOk();

        (await broker.RequestPairingAsync(_device)).ShouldRefuse(429, "rate_limited", "pairing_rate_limited");
        (await broker.PollAsync(asked["request_id"], _device)).ShouldBeOk();
        (await broker.PollAsync(asked["request_id"], _device)).ShouldBeOk();
        (await broker.PollAsync(asked["request_id"], _device))
            .ShouldRefuse(429, "rate_limited", "pairing_rate_limited").Header("Retry-After").ShouldNotBeNull();
    }

    /// <summary>A device is a stranger: what it puts on record comes out of the strangers' budget.</summary>
    [Fact]
    public async Task Requests_beyond_the_budget_of_strangers_are_counted_not_recorded()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_REFUSALS_PER_MINUTE_PER_SOURCE", "2"));
        var before = broker.MintLog().Count;
        for (var i = 0; i < 2; i++) (await broker.RequestPairingAsync(_device)).ShouldBeOk();

        (await broker.RequestPairingAsync(_device)).ShouldRefuse(429, "rate_limited", "pairing_rate_limited");
        broker.MintLog().Count.ShouldBe(before + 2);
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void ShouldBeTheAgents(Jws session, Answer fetched)
    {
        var claims = session.Claims.GetProperty("agentkeys");
        session["sub"].ShouldBe($"agentkeys:user:{fetched["child_omni"]}");
        string Claim(string name) => claims.GetProperty(name).GetString()!;
        Claim("omni_account").ShouldBe(fetched["child_omni"]);
        Claim("wallet_address").ShouldBeEmpty();
        Claim("identity_type").ShouldBe("agent_hdkd");
        Claim("parent_omni").ShouldBe(_wallet.Omni);
        Claim("derivation_path").ShouldBe("//agent-a");
        Claim("device_pubkey").ShouldBe(_device.Pubkey);
    }

    private async Task<Answer> ClaimedAsync()
    {
        var asked = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        (await _broker.ClaimAsync(asked["pairing_code"], _session)).ShouldBeOk();
        return asked;
    }

    private Task<Answer> SetAsync(string verb, string path = "//agent-a") =>
        _broker.PostAsync($"/v1/grant/path-policies/{verb}", new { derivation_path = path }, _session);
}
