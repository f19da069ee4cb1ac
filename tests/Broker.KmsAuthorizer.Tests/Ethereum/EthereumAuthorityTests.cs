using System.Net;
using System.Text.Json.Nodes;
using Broker.Cryptography;
using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Ethereum;
using Broker.TestSupport.Ethereum;
using Microsoft.Extensions.Time.Testing;

namespace Broker.KmsAuthorizer.Tests.Ethereum;

/// <summary>The service in front of a real node and real contracts.</summary>
public sealed class EthereumAuthorityTests(EthereumNode node) : IClassFixture<EthereumNode>
{
    private const string Kms = "/bootAuth/kms";
    private const string App = "/bootAuth/app";
    private const string True = "1";
    private const string False = "0";

    private static readonly EthereumAddress Nobody = EthereumAddress.Parse($"0x{new string('9', 40)}");

    [Theory]
    [InlineData(Kms)]
    [InlineData(App)]
    public async Task Allows_what_the_contract_allows(string route)
    {
        await PermitAsync();
        await using var authorizer = await StartAsync(node.TestKms);

        (await authorizer.PostAsync(route, Boot.Request())).ShouldSay(true, "", "0xgateway");
    }

    [Theory]
    [InlineData(Kms, "tcbStatus", "OutOfDate", "TCB status is not up to date")]
    [InlineData(Kms, "osImageHash", "00", "OS image is not allowed")]
    [InlineData(Kms, "mrAggregated", "00", "Aggregated MR not allowed")]
    [InlineData(Kms, "deviceId", "00", "KMS is not allowed to boot on this device")]
    [InlineData(App, "appId", "22", "App not registered")]
    [InlineData(App, "osImageHash", "00", "OS image is not allowed")]
    [InlineData(App, "composeHash", "00", "Compose hash not allowed")]
    [InlineData(App, "deviceId", "00", "Device not allowed")]
    public async Task Passes_on_the_contracts_denial_and_its_reason(
        string route, string field, string value, string reason)
    {
        await PermitAsync();
        await using var authorizer = await StartAsync(node.TestKms);

        (await authorizer.PostAsync(route, Boot.Request((field, value)))).ShouldSay(false, reason, "0xgateway");
    }

    [Theory]
    [InlineData(Kms, "kms")]
    [InlineData(App, "app")]
    public async Task Puts_every_field_where_the_contract_looks_for_it(string route, string function)
    {
        await using var authorizer = await StartAsync(node.BootInfoEcho);
        var asked = Boot.Request(
            ("tcbStatus", "Größe → more than 32 bytes, in two words"),
            ("advisoryIds", new JsonArray("INTEL-SA-00001", "", "é", new string('A', 256))));

        var expected = string.Join('|', [
            function, Boot.AppId, Boot.ComposeHash, Boot.InstanceId, Boot.Device, Boot.Measurement,
            Boot.SystemMeasurement, Boot.OsImage, "Größe → more than 32 bytes, in two words", "INTEL-SA-00001", "", "é",
            new string('A', 256),
        ]);
        (await authorizer.PostAsync(route, asked)).ShouldSay(false, expected, "gateway → ø");
    }

    [Fact]
    public async Task Fills_short_hex_up_on_the_left_as_the_reference_does()
    {
        await using var authorizer = await StartAsync(node.BootInfoEcho);
        var asked = Boot.Request(
            ("appId", "0xABC"), ("composeHash", ""), ("instanceId", "0x"), ("deviceId", "1"), ("mrAggregated", "0x01"),
            ("mrSystem", null), ("osImageHash", "FfEe"), ("tcbStatus", null), ("advisoryIds", null));

        static string Filled(string hex, int bytes) => hex.PadLeft(2 * bytes, '0');
        var expected = string.Join('|', [
            "kms", Filled("abc", 20), Filled("", 32), Filled("", 20), Filled("1", 32), Filled("01", 32), Filled("", 32),
            Filled("ffee", 32), "",
        ]);
        (await authorizer.PostAsync(Kms, asked)).ShouldSay(false, expected, "gateway → ø");
    }

    [Theory]
    [InlineData("appId", 42)]
    [InlineData("instanceId", 42)]
    [InlineData("composeHash", 66)]
    [InlineData("deviceId", 66)]
    [InlineData("mrAggregated", 66)]
    [InlineData("mrSystem", 66)]
    [InlineData("osImageHash", 66)]
    public async Task Refuses_hex_that_is_too_long_or_no_hex(string field, int tooManyDigits)
    {
        await using var authorizer = await StartAsync(node.TestKms);

        (await authorizer.PostAsync(Kms, Boot.Request((field, new string('0', tooManyDigits))))).ShouldBeInvalid(field);
        (await authorizer.PostAsync(App, Boot.Request((field, "0xzz")))).ShouldBeInvalid(field);
        (await authorizer.PostAsync(App, Boot.Request((field, "0x0x00")))).ShouldBeInvalid(field);
        (await authorizer.PostAsync(App, Boot.Request((field, "٣٣")))).ShouldBeInvalid(field);
    }

    [Fact]
    public async Task Believes_a_change_of_policy_only_once_its_block_is_final()
    {
        var measurement = new string('7', 64);
        await PermitAsync();
        await using var final = await StartAsync(node.TestKms);
        await using var newest = await StartAsync(node.TestKms, block: new BlockChoice.Below(0));
        var asked = Boot.Request(("mrAggregated", measurement));

        await node.SetAsync("setMeasurement(bytes32,bool)", measurement, True);
        (await newest.PostAsync(Kms, asked)).ShouldSay(true, "", "0xgateway");
        (await final.PostAsync(Kms, asked)).ShouldSay(false, "Aggregated MR not allowed", "0xgateway");

        await node.FinalizeAsync();
        (await final.PostAsync(Kms, asked)).ShouldSay(true, "", "0xgateway");

        await node.SetAsync("setMeasurement(bytes32,bool)", measurement, False);
        await node.FinalizeAsync();
        (await final.PostAsync(Kms, asked)).ShouldSay(false, "Aggregated MR not allowed", "0xgateway");
    }

    [Fact]
    public async Task Asks_so_many_blocks_below_the_newest_as_it_is_told()
    {
        var measurement = new string('6', 64);
        await PermitAsync();
        await using var authorizer = await StartAsync(node.TestKms, block: new BlockChoice.Below(3));
        var asked = Boot.Request(("mrAggregated", measurement));

        await node.SetAsync("setMeasurement(bytes32,bool)", measurement, True);
        await node.CallAsync("anvil_mine", "0x2");
        (await authorizer.PostAsync(Kms, asked)).ShouldSay(false, "Aggregated MR not allowed", "0xgateway");

        await node.CallAsync("anvil_mine", "0x1");
        (await authorizer.PostAsync(Kms, asked)).ShouldSay(true, "", "0xgateway");
    }

    [Fact]
    public async Task Reports_the_contract_and_the_chain_but_not_the_nodes_path()
    {
        await using var authorizer = await StartAsync(node.TestKms, path: "/?access-key");

        var answer = await authorizer.GetAsync();

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Json.ToJsonString().ShouldBe(new JsonObject
        {
            ["status"] = "ok",
            ["kmsContractAddr"] = node.TestKms.ToChecksummedString(),
            ["ethRpcUrl"] = node.Url.GetLeftPart(UriPartial.Authority),
            ["gatewayAppId"] = "0xgateway",
            ["chainId"] = 31337,
            ["appAuthImplementation"] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            ["appImplementation"] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        }.ToJsonString());
        authorizer.LogLines.ShouldAllBe(line => !line.Contains("access-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Denies_when_the_contract_reverts()
    {
        await PermitAsync();
        await using var authorizer = await StartAsync(node.TestKms);

        (await authorizer.PostAsync(App, Boot.Request(("appId", "")))).ShouldBeUnavailable();
        authorizer.LogLines.ShouldContain(
            line => line.Contains("eth_call: the node answered an error", StringComparison.Ordinal));

        // Its own words are for the log at debug level, which nobody sees unless asked for.
        authorizer.LogLines.Where(line => line.Contains("makes this call revert", StringComparison.Ordinal))
            .ShouldAllBe(line => line.Contains("Ethereum RPC said: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Denies_when_there_is_no_contract_at_the_address()
    {
        await using var authorizer = await StartAsync(Nobody);

        (await authorizer.PostAsync(Kms, Boot.Request())).ShouldBeUnavailable();
        (await authorizer.GetAsync()).ShouldBe(new Answer(
            HttpStatusCode.InternalServerError,
            """{"status":"error","message":"authorization backend unavailable"}"""));
    }

    [Fact]
    public async Task Denies_when_the_node_is_on_another_chain()
    {
        await PermitAsync();
        await using var right = await StartAsync(node.TestKms, chainId: 31337);
        await using var wrong = await StartAsync(node.TestKms, chainId: 1);

        (await right.PostAsync(Kms, Boot.Request())).ShouldSay(true, "", "0xgateway");
        (await wrong.PostAsync(Kms, Boot.Request())).ShouldBeUnavailable();
    }

    [Fact]
    public async Task Denies_when_the_nodes_newest_block_is_too_old_to_be_believed()
    {
        await PermitAsync();
        var inTwoDays = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(2));
        await using var patient = await StartAsync(node.TestKms, maxAge: null, clock: inTwoDays);
        await using var strict = await StartAsync(node.TestKms, maxAge: TimeSpan.FromDays(1), clock: inTwoDays);

        (await patient.PostAsync(Kms, Boot.Request())).ShouldSay(true, "", "0xgateway");
        (await strict.PostAsync(Kms, Boot.Request())).ShouldBeUnavailable();
    }

    [Fact]
    public async Task Denies_when_the_chain_is_shorter_than_the_confirmations_wanted()
    {
        await using var authorizer = await StartAsync(node.TestKms, block: new BlockChoice.Below(1_000_000));

        (await authorizer.PostAsync(Kms, Boot.Request())).ShouldBeUnavailable();
    }

    /// <summary>Puts the boot of <see cref="Boot.Request"/> on every list and makes that final.</summary>
    private async Task PermitAsync()
    {
        await node.SetAsync("setImage(bytes32,bool)", Boot.OsImage, True);
        await node.SetAsync("setMeasurement(bytes32,bool)", Boot.Measurement, True);
        await node.SetAsync("setDevice(bytes32,bool)", Boot.Device, True);
        await node.SetAsync("setApp(address,bool)", Boot.AppId, True);
        await node.SetAsync("setVersion(address,bytes32,bool)", Boot.AppId, Boot.ComposeHash, True);
        await node.FinalizeAsync();
    }

    private Task<RunningAuthorizer> StartAsync(
        EthereumAddress contract, BlockChoice? block = null, ulong? chainId = null, TimeSpan? maxAge = null,
        string path = "/", TimeProvider? clock = null) => RunningAuthorizer.StartAsync(
            new EthereumSettings(
                new Uri(node.Url, path), contract, chainId, block ?? new BlockChoice.Tagged("finalized"), maxAge,
                TimeSpan.FromSeconds(10)),
            clock);
}
