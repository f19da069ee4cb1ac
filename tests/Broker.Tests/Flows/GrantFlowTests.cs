using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>The acceptance list's <c>grant_flow</c>: a master grants, lists and revokes.</summary>
public sealed class GrantFlowTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private const string Daemon = "0xDAE1000000000000000000000000000000000001";

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
    public async Task Create_then_list_returns_the_grant()
    {
        var created = await CreateAsync();
        created["grant_id"]!.ShouldMatch("^grn-[A-Za-z0-9_-]{16}$");
        created.Number("granted_at").ShouldBe(_broker.Clock.UnixSeconds);
        created.Number("expires_at").ShouldBe(_broker.Clock.UnixSeconds + 3600);
        created.Number("max_uses").ShouldBe(3);

        var listed = (await ListAsync(_session)).ShouldHaveSingleItem();

        listed.EnumerateObject().Select(member => member.Name).ShouldBe(
        [
            "grant_id", "master_omni_account", "daemon_address", "service", "scope_path", "granted_at", "expires_at",
            "max_uses", "used_count", "revoked_at", "audit_proof",
        ]);
        listed.GetProperty("grant_id").GetString().ShouldBe(created["grant_id"]);
        listed.GetProperty("master_omni_account").GetString().ShouldBe(_wallet.Omni);
        listed.GetProperty("daemon_address").GetString().ShouldBe(Daemon.ToLowerInvariant());
        listed.GetProperty("used_count").GetInt32().ShouldBe(0);
        listed.GetProperty("revoked_at").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        listed.GetProperty("audit_proof").GetString().ShouldBe(created["audit_proof"]);
        var row = _broker.RowOf(created);
        row.Kind.ShouldBe("grant");
        row.Outcome.ShouldBe("ok");
        row.RecordId.ShouldBe(created["audit_record_id"]);
        row.Evidence.ShouldContain(created["grant_id"]!);
    }

    /// <summary>Contract §3.4, by the session key (§3.1).</summary>
    [Fact]
    public async Task The_audit_proof_has_the_claims_of_the_contract_and_is_no_session_token()
    {
        var created = await CreateAsync();
        var id = created["grant_id"];
        var proof = Jws.Read(created, "audit_proof");

        proof.Header.GetProperty("alg").GetString().ShouldBe("ES256");
        proof.Header.GetProperty("typ").GetString().ShouldBe("JWT");
        var now = _broker.Clock.UnixSeconds;
        proof.Claims.ToString().ShouldBe(
            $$"""
            {"iss":"{{BrokerApp.Issuer}}","sub":"agentkeys:grant:{{id}}","aud":"agentkeys:audit-proof","iat":{{now}},
            "exp":{{now + 3600}},"agentkeys":{"kind":"grant","grant_id":"{{id}}",
            "master_omni_account":"{{_wallet.Omni}}",
            "daemon_address":"{{Daemon.ToLowerInvariant()}}","service":"s3","scope_path":"bots/a/","granted_at":{{now}},
            "expires_at":{{now + 3600}},"max_uses":3}
            }
            """.ReplaceLineEndings(""));
        using var key = Jws.KeyOf(Path.Combine(_broker.DataFolder, "session-keypair.json"));
        var parts = created["audit_proof"]!.Split('.');
        Jws.Sign(Jws.Decode(parts[0]), Jws.Decode(parts[1]), key).Split('.')[..2].ShouldBe(parts[..2]);
        key.VerifyData(
            System.Text.Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
            System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]),
            System.Security.Cryptography.HashAlgorithmName.SHA256).ShouldBeTrue();

        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: created["audit_proof"]))
            .ShouldRefuse(401, "unauthorized", "invalid_bearer");
    }

    [Fact]
    public async Task Revoke_succeeds_for_the_owner_and_blocks_a_replay()
    {
        var id = (await CreateAsync())["grant_id"];

        var revoked = (await RevokeAsync(id, _session)).ShouldBeOk();
        var again = await RevokeAsync(id, _session);

        revoked.Number("revoked_at").ShouldBe(_broker.Clock.UnixSeconds);
        _broker.RowOf(revoked).Outcome.ShouldBe("revoked");
        again.ShouldRefuse(400, "bad_request", "unknown_grant");
        (await ListAsync(_session)).Single(grant => grant.GetProperty("grant_id").GetString() == id)
            .GetProperty("revoked_at").GetInt64().ShouldBe(_broker.Clock.UnixSeconds);
    }

    [Fact]
    public async Task A_revocation_by_another_master_is_refused_like_one_of_an_unknown_grant()
    {
        var id = (await CreateAsync())["grant_id"];
        var other = await _broker.SignInAsync(_other);

        var foreign = (await RevokeAsync(id, other)).ShouldRefuse(400, "bad_request", "unknown_grant");
        var unknown = (await RevokeAsync("grn-AAAAAAAAAAAAAAAA", other))
            .ShouldRefuse(400, "bad_request", "unknown_grant");

        foreign["message"].ShouldBe(unknown["message"]);
        (await RevokeAsync(id, _session)).ShouldBeOk();
    }

    [Fact]
    public async Task A_missing_authorization_header_returns_401()
    {
        (await _broker.PostAsync("/v1/grant/create", Wanted())).ShouldRefuse(401, "unauthorized", "missing_bearer");
        (await _broker.PostAsync("/v1/grant/revoke", new { grant_id = "grn-x" }))
            .ShouldRefuse(401, "unauthorized", "missing_bearer");
        (await _broker.GetAsync("/v1/grant/list")).ShouldRefuse(401, "unauthorized", "missing_bearer");
    }

    [Theory]
    [InlineData("expires_at", "-1")]
    [InlineData("expires_at", "0")]
    [InlineData("expires_at", "9999999999999")]
    [InlineData("max_uses", "0")]
    [InlineData("max_uses", "4294967296")]
    [InlineData("daemon_address", "\"0x12\"")]
    [InlineData("daemon_address", "\"dae1000000\"")]
    [InlineData("service", "\"\"")]
    [InlineData("service", "\"a b\"")]
    [InlineData("scope_path", "\"a\\nb\"")]
    [InlineData("scope_path", "null")]
    public async Task Create_rejects_a_past_expiry_and_other_bad_values(string field, string value)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(Wanted())!.AsObject();
        body[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        if (field == "expires_at" && value.Length < 3) body[field] = _broker.Clock.UnixSeconds + int.Parse(value);

        (await _broker.PostAsync("/v1/grant/create", body, _session))
            .ShouldRefuse(400, "bad_request", "invalid_field");
        (await ListAsync(_session)).ShouldBeEmpty();
    }

    [Fact]
    public async Task List_returns_only_the_callers_own_grants_the_newest_first()
    {
        var first = await CreateAsync();
        var second = await CreateAsync();
        await CreateAsync(await _broker.SignInAsync(_other));

        (await ListAsync(_session)).Select(grant => grant.GetProperty("grant_id").GetString())
            .ShouldBe([second["grant_id"], first["grant_id"]]);
    }

    private object Wanted() => new
    {
        daemon_address = Daemon,
        service = "s3",
        scope_path = "bots/a/",
        expires_at = _broker.Clock.UnixSeconds + 3600,
        max_uses = 3,
    };

    private async Task<Answer> CreateAsync(string? session = null) =>
        (await _broker.PostAsync("/v1/grant/create", Wanted(), session ?? _session)).ShouldBeOk();

    private Task<Answer> RevokeAsync(string? id, string session) =>
        _broker.PostAsync("/v1/grant/revoke", new { grant_id = id }, session);

    private async Task<System.Text.Json.JsonElement[]> ListAsync(string session) =>
        [.. (await _broker.GetAsync("/v1/grant/list", ("Authorization", $"Bearer {session}"))).ShouldBeOk()
            .Json.GetProperty("grants").EnumerateArray()];
}
