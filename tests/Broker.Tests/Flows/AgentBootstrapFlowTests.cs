using System.Security.Cryptography;
using System.Text;
using Broker.Tests.Agents;
using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>The acceptance list's <c>agent_bootstrap_flow</c>: a master's code makes a device its agent.</summary>
public sealed class AgentBootstrapFlowTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private readonly Device _device = new(), _other = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        _device.Dispose();
        _other.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Create_requires_a_masters_bearer()
    {
        (await CreateAsync(null)).ShouldRefuse(401, "unauthorized", "missing_bearer");
        var agent = await _broker.PairAsync(_device, _session);
        (await CreateAsync(agent)).ShouldRefuse(403, "forbidden", "not_a_master");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Agent")]
    [InlineData("a b")]
    [InlineData("a/0")]
    [InlineData("agent_a")]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456")]
    public async Task Create_rejects_a_bad_label(string label) =>
        (await CreateAsync(_session, label)).ShouldRefuse(400, "bad_request", "invalid_field");

    [Fact]
    public async Task Full_create_redeem_pending_flow()
    {
        var created = (await CreateAsync(_session)).ShouldBeOk();
        created["operator_omni"].ShouldBe(_wallet.Omni);
        created["child_omni"].ShouldBe(ChildOf(_wallet.Omni, "agent-a"));
        _broker.RowOf(created).Kind.ShouldBe("agent_pairing");

        var redeemed = (await RedeemAsync(created["link_code"], _device, _device.Pop)).ShouldBeOk();

        redeemed["child_omni"].ShouldBe(created["child_omni"]);
        Jws.Read(redeemed, "session_jwt").Claims.GetProperty("agentkeys").GetProperty("identity_type").GetString()
            .ShouldBe("agent_hdkd");
        _broker.RowOf(redeemed).ActorOmni.ShouldBe(created["child_omni"]);
        var pending = (await _broker.PendingAsync(_session)).ShouldHaveSingleItem();
        pending.GetProperty("device_pubkey").GetString().ShouldBe(_device.Pubkey);
        pending.GetProperty("pop_sig").GetString().ShouldBe(_device.Pop);
        (await _broker.DecideAsync("ack", pending.GetProperty("request_id").GetString(), _session)).ShouldBeOk();
        (await _broker.PendingAsync(_session)).ShouldBeEmpty();
        (await RedeemAsync(created["link_code"], _other, _other.Pop))
            .ShouldRefuse(401, "unauthorized", "unknown_link_code");
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: redeemed["session_jwt"])).ShouldBeOk()["wallet"]
            .ShouldBe(created["child_omni"]);
    }

    [Fact]
    public async Task A_bad_pop_sig_is_rejected_and_the_code_remains_redeemable()
    {
        var created = (await CreateAsync(_session)).ShouldBeOk();

        (await RedeemAsync(created["link_code"], _device, _other.Pop))
            .ShouldRefuse(401, "unauthorized", "signature_mismatch");
        (await RedeemAsync(created["link_code"], _device, "0x00")).ShouldRefuse(400, "bad_request", "invalid_field");

        (await RedeemAsync(created["link_code"], _device, _device.Pop)).ShouldBeOk();
    }

    [Fact]
    public async Task A_code_is_good_for_ten_minutes_and_survives_a_ledger_that_cannot_write()
    {
        var early = (await CreateAsync(_session)).ShouldBeOk();
        using (DatabaseLock.Hold(_broker.LedgerFile))
        {
            (await RedeemAsync(early["link_code"], _device, _device.Pop))
                .ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(_broker.Sts);
        }

        (await RedeemAsync(early["link_code"], _device, _device.Pop)).ShouldBeOk();
        var late = (await CreateAsync(_session)).ShouldBeOk();
        _broker.Clock.Advance(TimeSpan.FromSeconds(600));
        (await RedeemAsync(late["link_code"], _device, _device.Pop))
            .ShouldRefuse(401, "unauthorized", "unknown_link_code");
    }

    private Task<Answer> CreateAsync(string? session, string label = "agent-a") =>
        _broker.PostAsync("/v1/agent/create", new { label, requested_scope = "memory" }, session);

    private Task<Answer> RedeemAsync(string? code, Device device, string pop) => _broker.PostAsync(
        "/v1/auth/link-code/redeem", new { link_code = code, device_pubkey = device.Pubkey, pop_sig = pop });

    /// <summary>The rule of contract §7.1, worked out here.</summary>
    private static string ChildOf(string parent, string label) => Convert.ToHexStringLower(SHA256.HashData(
        [.. "agentkeys-hdkd-v1"u8, .. Convert.FromHexString(parent), .. "//"u8, .. Encoding.UTF8.GetBytes(label)]));
}
