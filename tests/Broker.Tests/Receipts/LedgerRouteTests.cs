using System.Security.Cryptography;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Receipts;

/// <summary>Reading the ledger over HTTP: the tree for anyone, the entries for whom they concern.</summary>
public sealed class LedgerRouteTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
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
    public async Task An_actor_pages_through_its_own_entries_and_sees_no_others()
    {
        await _broker.SignInAsync(_other);
        for (var n = 0; n < 4; n++) (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session)).ShouldBeOk();
        var seen = new List<string?>();

        for (long? after = 0; after is not null;)
        {
            var page = (await ReadAsync($"/v1/ledger/entries?after={after}&limit=2", _session)).ShouldBeOk().Json;
            seen.AddRange(
                page.GetProperty("entries").EnumerateArray().Select(one => one.GetProperty("record_id").GetString()));
            after = page.GetProperty("next_after").ValueKind == JsonValueKind.Null ? null
                : page.GetProperty("next_after").GetInt64();
        }

        seen.ShouldBe(_broker.MintLog().Where(row => row.ActorOmni == _wallet.Omni).Select(row => row.RecordId));
    }

    [Fact]
    public async Task An_entry_is_shown_with_the_bytes_that_the_tree_hashes()
    {
        var id = await MintAsync();

        var entry = (await ReadAsync($"/v1/ledger/entries/{id}", _session)).ShouldBeOk();

        entry["record_id"].ShouldBe(id);
        var canonical = Convert.FromBase64String(entry["canonical"]!);
        JsonDocument.Parse(canonical).RootElement.GetRawText().ShouldBe(entry.Json.GetProperty("entry").GetRawText());

        // RFC 6962 §2.1: the hash of a leaf is that of a zero byte and the entry.
        entry["leaf_hash"].ShouldBe(Convert.ToHexStringLower(SHA256.HashData([0, .. canonical])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/receipt")]
    public async Task Another_actors_entry_looks_like_one_that_is_not_there(string what)
    {
        var id = await MintAsync();
        var stranger = await _broker.SignInAsync(_other);

        var foreign = await ReadAsync($"/v1/ledger/entries/{id}{what}", stranger);
        var missing = await ReadAsync($"/v1/ledger/entries/aud_1777000000_0000000000000000{what}", stranger);

        foreign.ShouldRefuse(404, "bad_request", "not_found");
        foreign["message"].ShouldBe(missing["message"]);
        ((int)missing.Status).ShouldBe(404);
        ((int)(await ReadAsync($"/v1/ledger/entries/{id}{what}", _session)).Status).ShouldBe(200);
    }

    [Theory]
    [InlineData("/v1/ledger/entries")]
    [InlineData("/v1/ledger/entries/aud_1777000000_0000000000000000")]
    [InlineData("/v1/ledger/entries/aud_1777000000_0000000000000000/receipt")]
    public async Task Entries_are_for_the_authenticated(string path) =>
        (await _broker.GetAsync(path)).ShouldRefuse(401, "unauthorized", "missing_bearer");

    [Fact]
    public async Task The_operator_reads_any_entry_with_the_token_of_its_file()
    {
        using var folder = new TemporaryFolder();
        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var file = folder.File("operator-token");
        await File.WriteAllTextAsync(file, token + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var broker = await BrokerApp.StartAsync(("BROKER_OPERATOR_TOKEN_FILE", file));
        await broker.SignInAsync(_wallet);
        var id = broker.MintLog().Single().RecordId;

        (await broker.GetAsync($"/v1/ledger/entries/{id}", ("Authorization", $"Bearer {token}")))
            .ShouldBeOk()["record_id"].ShouldBe(id);
        (await broker.GetAsync($"/v1/ledger/entries/{id}", ("Authorization", $"Bearer {token[..^1]}x")))
            .ShouldRefuse(401, "unauthorized", "legacy_bearer_not_accepted");
        (await broker.GetAsync("/v1/ledger/entries", ("Authorization", $"Bearer {token}")))
            .ShouldRefuse(400, "bad_request", "invalid_field");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: token))
            .ShouldRefuse(401, "unauthorized", "legacy_bearer_not_accepted");
    }

    [Fact]
    public async Task Anyone_reads_the_checkpoint_the_key_and_the_tiles()
    {
        await MintAsync();

        var checkpoint = (await _broker.GetAsync("/ledger/checkpoint")).ShouldBeOk();
        var key = (await _broker.GetAsync("/ledger/vkey")).ShouldBeOk();

        checkpoint.Text.ShouldStartWith("broker.example.test/ledger\n");
        checkpoint.Header("Cache-Control").ShouldBe("no-cache");
        key.Text.ShouldStartWith("broker.example.test/ledger+");
        var size = int.Parse(checkpoint.Text.Split('\n')[1]);
        var tile = await _broker.Http.GetByteArrayAsync($"/ledger/tile/0/000.p/{size}");
        tile.Length.ShouldBe(32 * size);
        (await _broker.GetAsync($"/ledger/tile/0/000.p/{size + 1}")).ShouldRefuse(404, "bad_request", "not_found");
    }

    [Fact]
    public async Task An_empty_ledger_has_no_checkpoint()
    {
        await using var broker = await BrokerApp.StartAsync();

        (await broker.GetAsync("/ledger/checkpoint")).ShouldRefuse(404, "bad_request", "not_found");
        (await broker.GetAsync("/ledger/tile/0/000.p/1")).ShouldRefuse(404, "bad_request", "not_found");
    }

    private async Task<string> MintAsync() => (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session))
        .ShouldBeOk()["audit_record_id"]!;

    private Task<Answer> ReadAsync(string path, string bearer) =>
        _broker.GetAsync(path, ("Authorization", $"Bearer {bearer}"));
}
