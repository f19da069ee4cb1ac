using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Broker.Cryptography;

namespace Broker.TestSupport.Ethereum;

/// <summary>
/// A real Ethereum node (anvil, installed from npm by <c>tests/interop/ethereum/up.sh</c>) with the test contracts
/// on it. Its epochs are one slot long, so the finalized block is the second below the newest. One for all tests of
/// the class.
/// </summary>
public sealed class EthereumNode : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop", "ethereum");

    private readonly HttpClient _http = new();
    private Process? _node;
    private JsonNode? _compiled;
    private string _deployer = "";

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Decides by lists that the tests edit.</summary>
    internal EthereumAddress TestKms { get; private set; }

    /// <summary>Denies everything and says what it understood.</summary>
    internal EthereumAddress BootInfoEcho { get; private set; }

    /// <summary>Knows the devices, scopes and the epoch that the tests set.</summary>
    internal EthereumAddress TestGates { get; private set; }

    public async Task InitializeAsync()
    {
        using (var up = Start(Path.Combine(Folder, "up.sh")))
        {
            var errors = up.StandardError.ReadToEndAsync();
            await up.StandardOutput.ReadToEndAsync();
            await up.WaitForExitAsync();
            if (up.ExitCode != 0) throw new InvalidOperationException($"up.sh failed: {await errors}");
        }

        _compiled = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "artifacts", "contracts.json")));
        _node = Start(
            Path.Combine(Folder, "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil"),
            "--host", "127.0.0.1", "--port", "0", "--slots-in-an-epoch", "1", "--chain-id", "31337");
        Url = new Uri($"http://{await ListeningAsync(_node.StandardOutput)}");
        // The pipe must not fill up and stop the node.
        _ = _node.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _deployer = (await CallAsync("eth_accounts")).AsArray()[0]!.GetValue<string>();
        TestKms = await DeployAsync(nameof(TestKms));
        BootInfoEcho = await DeployAsync(nameof(BootInfoEcho));
        TestGates = await DeployAsync(nameof(TestGates));
        await FinalizeAsync();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        if (_node is null) return;
        _node.Kill(entireProcessTree: true);
        await _node.WaitForExitAsync();
        _node.Dispose();
    }

    /// <summary>Mines until what is in the newest block now is in the finalized one.</summary>
    internal Task FinalizeAsync() => CallAsync("anvil_mine", "0x2");

    /// <summary>Edits a list of <see cref="TestKms"/>; the edit is in the newest block when this returns.</summary>
    /// <param name="words">The arguments, each at most 32 bytes of hex.</param>
    internal Task SetAsync(string function, params string[] words) =>
        SetAsync(nameof(TestKms), TestKms, function, words);

    /// <summary>The same for <see cref="TestGates"/>.</summary>
    internal Task SetGatesAsync(string function, params string[] words) =>
        SetAsync(nameof(TestGates), TestGates, function, words);

    /// <summary>A function's selector by the compiler, as hex.</summary>
    internal string SelectorOf(string contract, string function) =>
        _compiled![contract]!["selectors"]![function]!.GetValue<string>();

    private Task SetAsync(string contract, EthereumAddress address, string function, string[] words) =>
        SendAsync(new JsonObject
        {
            ["from"] = _deployer,
            ["to"] = address.ToString(),
            // More than any of them takes. An estimate may be made in a second in which less changes.
            ["gas"] = "0xf4240",
            ["data"] = $"0x{SelectorOf(contract, function)}"
                + string.Concat(words.Select(word => word.PadLeft(64, '0'))),
        });

    internal async Task<JsonNode> CallAsync(string method, params JsonNode?[] parameters)
    {
        using var response = await _http.PostAsJsonAsync(Url, new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = method,
            ["params"] = new JsonArray(parameters),
        });
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
        return answer!["error"] is { } error
            ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}")
            : answer["result"] ?? JsonValue.Create("");
    }

    private async Task<EthereumAddress> DeployAsync(string contract)
    {
        var receipt = await SendAsync(new JsonObject
        {
            ["from"] = _deployer,
            ["data"] = $"0x{_compiled![contract]!["bytecode"]!.GetValue<string>()}",
        });
        return EthereumAddress.Parse(receipt["contractAddress"]!.GetValue<string>());
    }

    /// <summary>The receipt of a transaction, once the node has put it into a block.</summary>
    private async Task<JsonNode> SendAsync(JsonObject transaction)
    {
        var hash = await CallAsync("eth_sendTransaction", transaction);
        while (true)
        {
            if (await CallAsync("eth_getTransactionReceipt", hash.DeepClone()) is JsonObject receipt)
            {
                receipt["status"]!.GetValue<string>().ShouldBe("0x1");
                return receipt;
            }

            await Task.Delay(10);
        }
    }

    private static async Task<string> ListeningAsync(StreamReader output)
    {
        const string said = "Listening on ";
        while (await output.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(said, StringComparison.Ordinal)) return line[said.Length..];
        }

        throw new InvalidOperationException("the Ethereum node ended before it listened");
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
