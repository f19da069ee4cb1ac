using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>The acceptance list's <c>wallet_flow</c>: a master links identities, and is found by them.</summary>
public sealed class WalletFlowTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new(), _other = new(), _third = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        _other.Dispose();
        _third.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Link_then_list_round_trip()
    {
        var linked = (await LinkAsync(_session, "evm", _other.ChecksummedAddress)).ShouldBeOk();

        var link = (await _broker.GetAsync("/v1/wallet/links", ("Authorization", $"Bearer {_session}"))).ShouldBeOk()
            .Json.GetProperty("links").EnumerateArray().ShouldHaveSingleItem();
        link.GetProperty("identity_type").GetString().ShouldBe("evm");
        link.GetProperty("identity_value").GetString().ShouldBe(_other.Address);
        link.GetProperty("linked_at").GetInt64().ShouldBe(_broker.Clock.UnixSeconds);
        link.GetProperty("proven").GetBoolean().ShouldBeFalse();
        var row = _broker.RowOf(linked);
        row.Kind.ShouldBe("identity_link");
        row.Outcome.ShouldBe("ok");
        row.Evidence.ShouldContain(_other.Omni);
    }

    [Fact]
    public async Task A_link_of_what_another_master_has_linked_is_refused()
    {
        (await LinkAsync(_session, "email", "Alice@Example.org ")).ShouldBeOk();

        var refused = await LinkAsync(await _broker.SignInAsync(_other), "email", "alice@example.org");

        refused.ShouldRefuse(401, "unauthorized", "identity_linked_elsewhere");
    }

    [Fact]
    public async Task A_link_is_idempotent_for_the_same_master()
    {
        (await LinkAsync(_session, "email", "bob@example.org")).ShouldBeOk();

        var again = (await LinkAsync(_session, "email", "bob@example.org")).ShouldBeOk();

        _broker.RowsOf(again).ShouldBeEmpty("nothing changed");
        (await _broker.GetAsync("/v1/wallet/links", ("Authorization", $"Bearer {_session}")))
            .Json.GetProperty("links").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Recover_lookup_finds_the_master()
    {
        (await LinkAsync(_session, "email", "carol@example.org")).ShouldBeOk();

        var found = (await LookupAsync("email", " CAROL@example.org")).ShouldBeOk();

        found.Json.GetProperty("linked").GetBoolean().ShouldBeTrue();
        found["omni_account"].ShouldBe(_wallet.Omni);
        found["next_step"]!.ShouldStartWith("Have the master OmniAccount sign POST /v1/grant/create ");
    }

    [Fact]
    public async Task Recover_lookup_returns_unlinked_when_unknown()
    {
        var unknown = (await LookupAsync("evm", _third.Address)).ShouldBeOk();

        unknown.Json.GetProperty("linked").GetBoolean().ShouldBeFalse();
        unknown["omni_account"].ShouldBeNull();
        unknown["next_step"]!.ShouldStartWith("Identity not linked to any master. ");
    }

    [Fact]
    public async Task A_link_needs_a_session()
    {
        (await LinkAsync(null, "evm", _other.Address)).ShouldRefuse(401, "unauthorized", "missing_bearer");
        (await _broker.GetAsync("/v1/wallet/links")).ShouldRefuse(401, "unauthorized", "missing_bearer");
    }

    [Theory]
    [InlineData("", "0xabababababababababababababababababababab")]
    [InlineData("evm", "")]
    [InlineData("evm", "  ")]
    [InlineData("evm", "0x12")]
    [InlineData("email", "a\nb@example.org")]
    [InlineData("E mail", "a@example.org")]
    public async Task A_link_rejects_empty_and_malformed_fields(string type, string value)
    {
        (await LinkAsync(_session, type, value)).ShouldRefuse(400, "bad_request", "invalid_field");
        (await LookupAsync(type, value)).ShouldRefuse(400, "bad_request", "invalid_field");
    }

    private Task<Answer> LinkAsync(string? session, string type, string value) =>
        _broker.PostAsync("/v1/wallet/link", new { identity_type = type, identity_value = value }, session);

    private Task<Answer> LookupAsync(string type, string value) =>
        _broker.PostAsync("/v1/wallet/recover/lookup", new { identity_type = type, identity_value = value });
}
