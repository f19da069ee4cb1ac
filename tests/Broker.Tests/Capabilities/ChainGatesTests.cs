using System.Text.Json.Nodes;
using Broker.TestSupport.Ethereum;
using Broker.Tests.Hosting;

namespace Broker.Tests.Capabilities;

/// <summary>Gates on a real chain: anvil, with a contract of the published interface.</summary>
public sealed class ChainGatesTests(EthereumNode node) : IClassFixture<EthereumNode>, IDisposable
{
    private readonly Wallet _wallet = new(), _other = new();
    private readonly Device _device = new();

    public void Dispose()
    {
        _wallet.Dispose();
        _other.Dispose();
        _device.Dispose();
    }

    /// <summary>Two are the contract's own (§2.17); the compiler agrees.</summary>
    [Fact]
    public void The_selectors_are_the_contracts()
    {
        Hex(Broker.Capabilities.ChainGates.IsServiceInScope).ShouldBe("13337240");
        Hex(Broker.Capabilities.ChainGates.CurrentEpoch).ShouldBe("76671808");
        Hex(Broker.Capabilities.ChainGates.GetDevice).ShouldBe(node.SelectorOf("TestGates", "getDevice(bytes32)"));
        node.SelectorOf("TestGates", "isServiceInScope(bytes32,bytes32,bytes32)").ShouldBe("13337240");
        node.SelectorOf("TestGates", "currentEpoch()").ShouldBe("76671808");
    }

    [Fact]
    public async Task A_device_and_a_scope_of_the_chain_give_a_capability_with_its_epoch()
    {
        await using var broker = await StartAsync(node.Url);
        await node.SetGatesAsync("setEpoch(uint256)", "2a");
        var session = await broker.SignInAsync(_wallet);
        await Refuses(broker, session, "device_not_active");

        await SetDeviceAsync(_wallet.Omni, _other.Omni, "01");
        await Refuses(broker, session, "service_not_in_scope");
        await node.SetGatesAsync(
            "setScope(bytes32,bytes32,bytes32,bool)", _wallet.Omni, _other.Omni, Device.Keccak("openrouter"), "1");

        var answer = (await AskAsync(broker, session)).ShouldBeOk();
        answer.Json.GetProperty("payload").GetProperty("k3_epoch").GetInt64().ShouldBe(42);
        broker.RowOf(answer).Kind.ShouldBe("capability");
    }

    [Fact]
    public async Task The_chains_record_of_the_device_is_believed_word_by_word()
    {
        await using var broker = await StartAsync(node.Url);
        var session = await broker.SignInAsync(_wallet);

        await SetDeviceAsync(_wallet.Omni, _other.Omni, "01", revoked: "1");
        await Refuses(broker, session, "device_revoked");
        await SetDeviceAsync(_other.Omni, _other.Omni, "01");
        await Refuses(broker, session, "device_binding_mismatch");
        await SetDeviceAsync(_wallet.Omni, _wallet.Omni, "01");
        await Refuses(broker, session, "device_binding_mismatch");
        await SetDeviceAsync(_wallet.Omni, _other.Omni, "fe");
        await Refuses(broker, session, "device_role_missing");
    }

    [Fact]
    public async Task A_node_that_is_away_or_answers_5xx_is_asked_four_times_then_refused_with_502()
    {
        var asked = 0;
        await using var failing = await Serving(() =>
        {
            asked++;
            return (503, "busy");
        });
        await using var broker = await StartAsync(new Uri(failing.Urls.Single()));
        var session = await broker.SignInAsync(_wallet);

        await Refuses(broker, session, "chain_rpc_error", 502);

        asked.ShouldBe(4);
    }

    [Fact]
    public async Task A_node_that_stumbles_is_asked_again_and_one_that_says_no_is_not()
    {
        var asked = 0;
        await using var stumbling = await Serving(() => ++asked % 4 == 0 ? (200, Zeros(11)) : (200, "<html>"));
        await using var broker = await StartAsync(new Uri(stumbling.Urls.Single()));
        await Refuses(broker, await broker.SignInAsync(_wallet), "device_not_active");
        asked.ShouldBe(12, "each of three calls has its answer at the fourth attempt");

        var denied = 0;
        await using var denying = await Serving(() =>
        {
            denied++;
            return (200, """{"jsonrpc":"2.0","id":@id,"error":{"code":3,"message":"execution reverted"}}""");
        });
        await using var other = await StartAsync(new Uri(denying.Urls.Single()));
        await Refuses(other, await other.SignInAsync(_wallet), "chain_rpc_error", 502);
        denied.ShouldBe(1);
    }

    /// <summary>Contract §2.17: missing chain configuration degrades these routes, never the start.</summary>
    [Fact]
    public async Task A_chain_that_is_not_configured_degrades_these_routes_alone_and_names_what_is_missing()
    {
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_CAPABILITY_GATES", "chain"), ("AGENTKEYS_CHAIN", "base"),
            ("SCOPE_CONTRACT_ADDRESS_BASE", node.TestGates.ToString()));
        var session = await broker.SignInAsync(_wallet);

        var refused = await AskAsync(broker, session);

        ((int)refused.Status).ShouldBe(503);
        refused["reason"].ShouldBe("capability_gates_missing");
        refused["error"]!.ShouldContain(
            "SIDECAR_REGISTRY_ADDRESS_BASE, K3_EPOCH_COUNTER_ADDRESS_BASE, AGENTKEYS_CHAIN_RPC_HTTP must be set");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
    }

    private Task<BrokerApp> StartAsync(Uri url) => BrokerApp.StartAsync(
        ("BROKER_CAPABILITY_GATES", "chain"), ("HEIMA_RPC_HTTP", url.ToString()),
        ("SIDECAR_REGISTRY_ADDRESS_HEIMA", node.TestGates.ToString()),
        ("SCOPE_CONTRACT_ADDRESS_HEIMA", node.TestGates.ToString()),
        ("K3_EPOCH_COUNTER_ADDRESS_HEIMA", node.TestGates.ToString()));

    private Task SetDeviceAsync(string master, string actor, string roles, string revoked = "0") => node.SetGatesAsync(
        "setDevice(bytes32,bytes32,bytes32,uint8,bool)", _device.KeyHash[2..], master, actor, roles, revoked);

    private Task<Answer> AskAsync(BrokerApp broker, string session) => broker.PostAsync(
        "/v1/cap/cred-fetch",
        CapabilityBodies.Wish(_wallet.Omni, _other.Omni, _device).ProvenBy(_device, broker.Clock.UnixSeconds), session);

    private async Task Refuses(
        BrokerApp broker, string session, string reason, int status = 403)
    {
        var answer = await AskAsync(broker, session);
        ((int)answer.Status).ShouldBe(status, answer.Text);
        answer["reason"].ShouldBe(reason, answer.Text);
    }

    /// <summary>A node that says what the test wants; <c>@id</c> is the request's own.</summary>
    private static async Task<Microsoft.AspNetCore.Builder.WebApplication> Serving(Func<(int Status, string Body)> say)
    {
        var server = Peers.NewServer();
        Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapPost(
            server, "/", async (Microsoft.AspNetCore.Http.HttpContext http) =>
            {
                var request = await JsonNode.ParseAsync(http.Request.Body);
                var (status, body) = say();
                http.Response.StatusCode = status;
                await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                    http.Response, body.Replace("@id", request!["id"]!.ToString(), StringComparison.Ordinal));
            });
        await server.StartAsync();
        return server;
    }

    private static string Zeros(int words) =>
        $$"""{"jsonrpc":"2.0","id":@id,"result":"0x{{new string('0', 64 * words)}}"}""";

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
