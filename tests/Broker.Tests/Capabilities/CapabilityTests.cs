using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Tests.Agents;
using Broker.Tests.Hosting;

namespace Broker.Tests.Capabilities;

/// <summary>Capabilities behind static gates: what is minted, for whom, and why not.</summary>
public sealed class CapabilityTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new(), _stranger = new();
    private readonly Device _device = new(), _own = new(), _unknown = new();
    private BrokerApp _broker = null!;
    private GatesFile _gates = null!;
    private string _session = "", _agent = "", _child = "";

    public async Task InitializeAsync()
    {
        _gates = new GatesFile(_folder.File("gates.json")).Write();
        _broker = await BrokerApp.StartAsync(
            ("BROKER_CAPABILITY_GATES", "static"), ("BROKER_CAPABILITY_STATIC_PATH", _gates.Path));
        _session = await _broker.SignInAsync(_wallet);
        _agent = await _broker.PairAsync(_device, _session);
        _child = Jws.Parse(_agent).Claims.GetProperty("agentkeys").GetProperty("omni_account").GetString()!;
        _gates.Device(_device.KeyHash, _wallet.Omni, _child).Device(_own.KeyHash, _wallet.Omni, _wallet.Omni)
            .Scope(_wallet.Omni, _child, "OpenRouter", "memory:notes").Write();
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
        foreach (var one in (IDisposable[])[_wallet, _stranger, _device, _own, _unknown]) one.Dispose();
    }

    [Fact]
    public async Task A_capability_has_the_contracts_fields_is_on_record_and_verifies_with_nodes_crypto()
    {
        var body = Wish(service: " OpenRouter ");
        var answer = (await AskAsync("cred-fetch", body)).ShouldBeOk();

        var payload = answer.Json.GetProperty("payload");
        payload.GetRawText().ShouldBe(
            $$"""
            {"operator_omni":"0x{{_wallet.Omni}}","actor_omni":"0x{{_child}}","service":"openrouter","op":"fetch",
            "data_class":"credentials","device_key_hash":"{{_device.KeyHash}}","k3_epoch":7,
            "issued_at":{{_broker.Clock.UnixSeconds}},"expires_at":{{_broker.Clock.UnixSeconds + 300}},
            "nonce":"{{payload.GetProperty("nonce").GetString()}}"}
            """.ReplaceLineEndings(""));
        payload.GetProperty("nonce").GetString()!.ShouldMatch("^[0-9a-f]{32}$");
        foreach (var member in (string[])["client_sig", "client_nonce", "client_ts"])
            answer[member].ShouldBe(body[member]!.ToString());
        var row = _broker.RowOf(answer);
        row.Kind.ShouldBe("capability");
        row.RecordId.ShouldBe(answer["audit_record_id"]);
        row.Subject.ShouldBe(_child);
        row.Evidence.ShouldContain(payload.GetProperty("nonce").GetString()!);

        var verdict = await Npm.RunAsync(
            "capability-judge.mjs", new { answer = answer.Text, key = SessionPublicKey() });
        verdict.GetProperty("double").GetBoolean().ShouldBeTrue();
        verdict.GetProperty("single").GetBoolean().ShouldBeFalse();
        verdict.GetProperty("changed").GetBoolean().ShouldBeFalse();
        verdict.GetProperty("members").EnumerateArray().Select(one => one.GetString()).ShouldBe(
        [
            "operator_omni", "actor_omni", "service", "op", "data_class", "device_key_hash", "k3_epoch", "issued_at",
            "expires_at", "nonce",
        ]);
    }

    [Theory]
    [InlineData("cred-fetch", "fetch", "credentials")]
    [InlineData("memory-put", "store", "memory")]
    [InlineData("memory-get", "fetch", "memory")]
    [InlineData("memory-append", "append", "memory")]
    [InlineData("canonical-memory-get", "canonical_fetch", "memory")]
    [InlineData("config-store", "store", "config")]
    [InlineData("config-fetch", "fetch", "config")]
    [InlineData("classify", "classify", "channel")]
    [InlineData("channel-pub", "channel_publish", "channel")]
    [InlineData("channel-sub", "channel_subscribe", "channel")]
    [InlineData("cred-teardown", "teardown", "credentials")]
    [InlineData("memory-teardown", "teardown", "memory")]
    [InlineData("config-teardown", "teardown", "config")]
    public async Task Each_route_mints_its_own_op_and_class(string route, string op, string dataClass)
    {
        var body = Unproven();
        if (route == "classify") body["data_class"] = dataClass;
        body.ProvenBy(_device, _broker.Clock.UnixSeconds, op, dataClass);

        var payload = (await AskAsync(route, body)).ShouldBeOk().Json.GetProperty("payload");

        payload.GetProperty("op").GetString().ShouldBe(op);
        payload.GetProperty("data_class").GetString().ShouldBe(dataClass);
        body.ProvenBy(_device, _broker.Clock.UnixSeconds, "another_op", dataClass);
        ShouldRefuse(await AskAsync(route, body), 403, "cap_pop_invalid");
    }

    [Fact]
    public async Task Only_the_master_stores_credentials_and_needs_no_scope_for_itself()
    {
        var own = CapabilityBodies.Wish(_wallet.Omni, _wallet.Omni, _own, "anything")
            .ProvenBy(_own, _broker.Clock.UnixSeconds, "store");
        (await AskAsync("cred-store", own)).ShouldBeOk();

        ShouldRefuse(
            await AskAsync("cred-store", Unproven().ProvenBy(_device, _broker.Clock.UnixSeconds, "store")), 403,
            "cred_store_not_master_self");
    }

    [Fact]
    public async Task The_operator_and_the_agent_itself_may_ask_and_nobody_else()
    {
        (await AskAsync("cred-fetch", Wish(), _session)).ShouldBeOk();
        (await AskAsync("cred-fetch", Wish(), _agent)).ShouldBeOk();
        ShouldRefuse(
            await AskAsync("cred-fetch", Wish(), await _broker.SignInAsync(_stranger)), 403, "operator_mismatch");
        var other = await _broker.PairAsync(_unknown, _session, "agent-b");
        ShouldRefuse(await AskAsync("cred-fetch", Wish(), other), 403, "operator_mismatch");
        ShouldRefuse(await _broker.PostAsync("/v1/cap/cred-fetch", Wish()), 401, "unauthorized");
    }

    [Fact]
    public async Task A_suspended_agent_gets_no_capability()
    {
        (await _broker.PostAsync(
            "/v1/grant/path-policies/suspend", new { derivation_path = "//agent-a" }, _session)).ShouldBeOk();

        ShouldRefuse(await AskAsync("cred-fetch", Wish(), _agent), 403, "path_suspended");
    }

    [Fact]
    public async Task Each_gate_refuses_with_its_reason()
    {
        async Task Refuses(GatesFile gates, string reason)
        {
            gates.Write();
            var refused = await AskAsync("cred-fetch", Wish());
            ShouldRefuse(refused, 403, reason);
            _broker.RowOf(refused).Outcome.ShouldBe("denied");
        }

        await Refuses(_gates.Clear(), "device_not_active");
        await Refuses(_gates.Clear().Device(_device.KeyHash, _wallet.Omni, _child, 1, true), "device_revoked");
        await Refuses(_gates.Clear().Device(_device.KeyHash, _wallet.Omni, _stranger.Omni), "device_binding_mismatch");
        await Refuses(_gates.Clear().Device(_device.KeyHash, _stranger.Omni, _child), "device_binding_mismatch");
        await Refuses(_gates.Clear().Device(_device.KeyHash, _wallet.Omni, _child, 0xfe), "device_role_missing");
        await Refuses(
            _gates.Clear().Device(_device.KeyHash, _wallet.Omni, _child).Scope(_wallet.Omni, _child, "other"),
            "service_not_in_scope");
    }

    [Fact]
    public async Task The_proof_is_the_devices_own_fresh_and_good_once()
    {
        var now = _broker.Clock.UnixSeconds;
        var once = Unproven().ProvenBy(_device, now);
        (await AskAsync("cred-fetch", once)).ShouldBeOk();
        ShouldRefuse(await AskAsync("cred-fetch", once), 403, "cap_pop_invalid");
        (await AskAsync("cred-fetch", Unproven().ProvenBy(_device, now - 300))).ShouldBeOk();
        (await AskAsync("cred-fetch", Unproven().ProvenBy(_device, now + 60))).ShouldBeOk();

        JsonObject[] wrong =
        [
            Unproven(), Unproven().ProvenBy(_unknown, now), Unproven().ProvenBy(_device, now - 301),
            Unproven().ProvenBy(_device, now + 61), Unproven().ProvenBy(_device, now, "store"),
        ];
        foreach (var body in wrong) ShouldRefuse(await AskAsync("cred-fetch", body), 403, "cap_pop_invalid");

        // What was refused before its turn has not used the nonce up.
        var saved = Unproven().ProvenBy(_device, now);
        _gates.Clear().Write();
        ShouldRefuse(await AskAsync("cred-fetch", saved), 403, "device_not_active");
        _gates.Device(_device.KeyHash, _wallet.Omni, _child).Scope(_wallet.Omni, _child, "openrouter").Write();
        (await AskAsync("cred-fetch", saved)).ShouldBeOk();
    }

    [Fact]
    public async Task A_proof_by_viem_holds()
    {
        var theirs = await Npm.RunAsync("device-proof.mjs", new
        {
            capability = new
            {
                @operator = _wallet.Omni,
                actor = _child,
                service = "openrouter",
                op = "fetch",
                data_class = "credentials",
                nonce = "of-viem",
                ts = _broker.Clock.UnixSeconds,
            },
        });
        string Their(string name) => theirs.GetProperty(name).GetString()!;
        _gates.Device(Their("device_key_hash"), _wallet.Omni, _child).Write();
        var body = Unproven();
        body["device_key_hash"] = Their("device_key_hash");
        body["client_sig"] = Their("client_sig");
        body["client_nonce"] = "of-viem";
        body["client_ts"] = _broker.Clock.UnixSeconds;

        (await AskAsync("cred-fetch", body)).ShouldBeOk();
    }

    [Fact]
    public async Task A_broker_that_demands_no_proof_still_checks_one_that_is_there()
    {
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_CAPABILITY_GATES", "static"), ("BROKER_CAPABILITY_STATIC_PATH", _gates.Path),
            ("BROKER_CAPABILITY_REQUIRE_PROOF", "false"));
        var session = await broker.SignInAsync(_wallet);
        Task<Answer> FetchAsync(JsonObject body) => broker.PostAsync("/v1/cap/cred-fetch", body, session);

        var answer = (await FetchAsync(Unproven())).ShouldBeOk();
        answer["client_sig"].ShouldBeNull();
        broker.RowOf(answer).Evidence.ShouldContain("\"proof\":\"none\"");
        ShouldRefuse(await FetchAsync(Unproven().ProvenBy(_unknown, broker.Clock.UnixSeconds)), 403, "cap_pop_invalid");
    }

    [Theory]
    [InlineData(null, 300)]
    [InlineData("0", 60)]
    [InlineData("-5", 60)]
    [InlineData("61", 61)]
    [InlineData("1800", 1800)]
    [InlineData("9999999999", 1800)]
    public async Task A_lifetime_is_held_within_its_bounds(string? wanted, long given)
    {
        var body = Wish();
        if (wanted is not null) body["ttl_seconds"] = JsonNode.Parse(wanted);

        var payload = (await AskAsync("cred-fetch", body)).ShouldBeOk().Json.GetProperty("payload");

        (payload.GetProperty("expires_at").GetInt64() - payload.GetProperty("issued_at").GetInt64()).ShouldBe(given);
    }

    [Theory]
    [InlineData("service", "\"\"")]
    [InlineData("service", "\"a*\"")]
    [InlineData("service", "\"a/b\"")]
    [InlineData("service", "\"a\\\\b\"")]
    [InlineData("service", "\"a?\"")]
    [InlineData("service", "\"a..b\"")]
    [InlineData("service", "\"grüße\"")]
    [InlineData("operator_omni", "\"0x12\"")]
    [InlineData("actor_omni", "7")]
    [InlineData("device_key_hash", "null")]
    [InlineData("client_nonce", "\"a:b\"")]
    [InlineData("client_nonce", "null")]
    [InlineData("client_ts", "\"soon\"")]
    public async Task What_cannot_be_read_is_invalid_input(string field, string value)
    {
        var body = Wish();
        body[field] = JsonNode.Parse(value);

        ShouldRefuse(await AskAsync("cred-fetch", body), 400, "invalid_input");
        body = Wish();
        body["data_class"] = "moon";
        ShouldRefuse(await AskAsync("classify", body), 400, "invalid_input");
    }

    [Fact]
    public async Task A_capability_that_the_ledger_cannot_hold_does_not_leave()
    {
        using var hold = DatabaseLock.Hold(_broker.LedgerFile);

        var refused = await AskAsync("cred-fetch", Wish());

        ShouldRefuse(refused, 500, "ledger_write_failed");
        refused.Text.ShouldNotContain("broker_sig");
    }

    [Fact]
    public async Task A_capability_spends_the_actors_hourly_budget()
    {
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_CAPABILITY_GATES", "static"), ("BROKER_CAPABILITY_STATIC_PATH", _gates.Path),
            ("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "2"));
        var session = await broker.SignInAsync(_wallet);
        Task<Answer> FetchAsync() => broker.PostAsync("/v1/cap/cred-fetch", Wish(), session);
        (await FetchAsync()).ShouldBeOk();
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();

        var refused = await FetchAsync();

        ShouldRefuse(refused, 429, "mint_rate_limited");
        refused.Header("Retry-After").ShouldNotBeNull();
        (await broker.MetricAsync("capabilities_total")).ShouldBe(1);
        await broker.RestartAsync();
        ShouldRefuse(await FetchAsync(), 429, "mint_rate_limited");
    }

    [Fact]
    public async Task A_file_that_is_broken_leaves_the_gates_before_it_in_force_and_readyz_says_so()
    {
        (await AskAsync("cred-fetch", Wish())).ShouldBeOk();

        foreach (var broken in (string[])["{", "{}", """{"k3_epoch":1,"devices":[],"scopes":[],"devcies":[]}"""])
        {
            _gates.Write(broken);
            (await AskAsync("cred-fetch", Wish())).ShouldBeOk();
            (await _broker.GetAsync("/readyz")).Text.ShouldContain("the gates before it stay in force");
        }

        _gates.Epoch = 8;
        _gates.Write();
        (await AskAsync("cred-fetch", Wish())).ShouldBeOk().Json.GetProperty("payload").GetProperty("k3_epoch")
            .GetInt64().ShouldBe(8);
        (await _broker.GetAsync("/readyz")).Text.ShouldNotContain("stay in force");
    }

    [Fact]
    public async Task Without_gates_these_routes_answer_503_and_everything_else_works()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);

        ShouldRefuse(await broker.PostAsync("/v1/cap/cred-fetch", Wish(), session), 503, "capability_gates_missing");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
    }

    private JsonObject Unproven(string service = "openrouter") =>
        CapabilityBodies.Wish(_wallet.Omni, _child, _device, service);

    private JsonObject Wish(string service = "openrouter") =>
        Unproven(service).ProvenBy(_device, _broker.Clock.UnixSeconds);

    private Task<Answer> AskAsync(string route, JsonObject body, string? session = null) =>
        _broker.PostAsync($"/v1/cap/{route}", body, session ?? _session);

    private string SessionPublicKey()
    {
        using var key = Jws.KeyOf(Path.Combine(_broker.DataFolder, "session-keypair.json"));
        return key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>The contract's other error body, §1.1.</summary>
    private static void ShouldRefuse(Answer answer, int status, string reason)
    {
        ((int)answer.Status).ShouldBe(status, answer.Text);
        answer["reason"].ShouldBe(reason, answer.Text);
        answer["error"]!.Length.ShouldBeGreaterThan(5);
        answer.Json.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["error", "reason", "code", "next_step", "request_id"]);
        answer.Json.ValueKind.ShouldBe(JsonValueKind.Object);
    }
}
