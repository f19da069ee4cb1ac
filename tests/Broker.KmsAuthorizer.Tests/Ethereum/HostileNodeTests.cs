using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Broker.Cryptography;
using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Ethereum;
using Microsoft.AspNetCore.Http;

namespace Broker.KmsAuthorizer.Tests.Ethereum;

/// <summary>
/// A node that is broken, slow or lying about the protocol: every boot is denied, and the caller learns no more.
/// </summary>
public sealed class HostileNodeTests
{
    /// <summary>For a node that would keep the caller waiting; every other test ends by the node's answer.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private static readonly EthereumAddress Contract = EthereumAddress.Parse($"0x{new string('9', 40)}");

    [Fact]
    public async Task Allows_when_the_node_answers_as_it_should()
    {
        await using var node = await HostileNode.StartAsync((_, honest, _) => Say(honest));

        (await AskAsync(node)).ShouldSay(true, "", "");
    }

    [Theory]
    [InlineData("eth_chainId")]
    [InlineData("eth_getBlockByNumber")]
    [InlineData("eth_call")]
    public async Task Denies_when_any_call_fails(string failing)
    {
        await using var refusing = await HostileNode.StartAsync((method, honest, http) =>
        {
            if (method == failing) http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Say(honest);
        });
        (await AskAsync(refusing)).ShouldBeUnavailable();

        await using var erring = await HostileNode.StartAsync((method, honest, _) =>
        {
            if (method == failing) honest["error"] = new JsonObject { ["code"] = -32000, ["message"] = "no block" };
            return Say(honest);
        });
        (await AskAsync(erring)).ShouldBeUnavailable();

        await using var empty = await HostileNode.StartAsync((method, honest, _) =>
        {
            if (method == failing) honest["result"] = null;
            return Say(honest);
        });
        (await AskAsync(empty)).ShouldBeUnavailable();
    }

    [Theory]
    [InlineData("eth_chainId")]
    [InlineData("eth_getBlockByNumber")]
    [InlineData("eth_call")]
    public async Task Denies_when_an_answer_has_a_member_twice(string doubled)
    {
        await using var node = await HostileNode.StartAsync((method, honest, _) => Say(method == doubled
            ? honest.ToJsonString().Insert(1, $"\"result\":{honest["result"]!.ToJsonString()},")
            : honest.ToJsonString()));

        (await AskAsync(node)).ShouldBeUnavailable();
    }

    [Theory]
    [InlineData("eth_chainId", "1")]
    [InlineData("eth_chainId", "\"1\"")]
    [InlineData("eth_chainId", "\"0x\"")]
    [InlineData("eth_chainId", "\"0x1ffffffffffffffff\"")]
    [InlineData("eth_chainId", "\"\\ud800\"")]
    [InlineData("eth_chainId", "\"0x7a69\\u0000\"")]
    [InlineData("eth_getBlockByNumber", "\"0x10\"")]
    [InlineData("eth_getBlockByNumber", "{\"number\":\"0x10\"}")]
    [InlineData("eth_getBlockByNumber", "{\"number\":null,\"timestamp\":\"0x0\"}")]
    [InlineData("eth_call", "true")]
    [InlineData("eth_call", "\"0x\"")]
    [InlineData("eth_call", "\"0x1\"")]
    [InlineData("eth_call", "\"01\"")]
    [InlineData("eth_call", "\"0xzz\"")]
    public async Task Denies_when_an_answer_has_another_shape(string malformed, string result)
    {
        await using var node = await HostileNode.StartAsync((method, honest, _) => Say(method == malformed
            ? $$"""{"jsonrpc":"2.0","id":{{honest["id"]}},"result":{{result}}}"""
            : honest.ToJsonString()));

        (await AskAsync(node)).ShouldBeUnavailable();
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"result\":\"0x1\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"0x1\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":\"0x1\"}")]
    public async Task Denies_when_the_answer_is_to_another_question_or_none(string answer)
    {
        await using var node = await HostileNode.StartAsync((_, _, _) => Say(answer));

        (await AskAsync(node)).ShouldBeUnavailable();
    }

    [Fact]
    public async Task Follows_no_redirect()
    {
        await using var honest = await HostileNode.StartAsync((_, answer, _) => Say(answer));
        await using var node = await HostileNode.StartAsync((_, _, http) =>
        {
            // 307 keeps method and body, so a client that follows would get every honest answer.
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = honest.Url.ToString();
            return Task.FromResult<string?>(null);
        });

        (await AskAsync(node)).ShouldBeUnavailable();
    }

    [Fact]
    public async Task Reads_no_more_than_its_limit_of_an_answer()
    {
        await using var node = await HostileNode.StartAsync((method, honest, _) =>
        {
            if (method == "eth_getBlockByNumber") honest["result"]!["extraData"] = new string('0', 4 * 1024 * 1024);
            return Say(honest);
        });

        (await AskAsync(node)).ShouldBeUnavailable();
    }

    [Theory]
    [InlineData("eth_chainId")]
    [InlineData("eth_call")]
    public async Task Denies_when_the_node_never_answers(string silent)
    {
        await using var node = await HostileNode.StartAsync(async (method, honest, http) =>
        {
            if (method != silent) return honest.ToJsonString();
            var gone = new TaskCompletionSource();
            await using var abort = http.RequestAborted.Register(gone.SetResult);
            await gone.Task;
            return null;
        });

        (await AskAsync(node, Short)).ShouldBeUnavailable();
    }

    [Fact]
    public async Task Denies_when_an_answer_never_ends()
    {
        await using var node = await HostileNode.StartAsync(async (_, _, http) =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync(" ");
                await http.Response.Body.FlushAsync();
                await Task.Delay(50);
            }

            return null;
        });

        (await AskAsync(node, Short)).ShouldBeUnavailable();
    }

    [Fact]
    public async Task Starts_and_denies_while_no_node_is_there_and_logs_neither_path_nor_key()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using var authorizer = await StartAsync(new Uri($"http://127.0.0.1:{port}/v2/access-key"));

        (await authorizer.PostAsync("/bootAuth/kms", Boot.Request())).ShouldBeUnavailable();
        (await authorizer.GetAsync()).Status.ShouldBe(HttpStatusCode.InternalServerError);
        var said = $"Ethereum RPC http://127.0.0.1:{port} cannot be used";
        authorizer.LogLines.ShouldContain(line => line.StartsWith(said, StringComparison.Ordinal));
        authorizer.LogLines.ShouldAllBe(line => !line.Contains("access-key", StringComparison.Ordinal));
    }

    private static async Task<Answer> AskAsync(HostileNode node, TimeSpan? timeout = null)
    {
        await using var authorizer = await StartAsync(node.Url, timeout);
        return await authorizer.PostAsync("/bootAuth/kms", Boot.Request());
    }

    private static Task<RunningAuthorizer> StartAsync(Uri url, TimeSpan? timeout = null) =>
        RunningAuthorizer.StartAsync(new EthereumSettings(
            url, Contract, ChainId: 1, new BlockChoice.Tagged("finalized"), MaxBlockAge: null,
            timeout ?? TimeSpan.FromSeconds(60)));

    private static Task<string?> Say(JsonObject answer) => Say(answer.ToJsonString());

    private static Task<string?> Say(string answer) => Task.FromResult<string?>(answer);
}
