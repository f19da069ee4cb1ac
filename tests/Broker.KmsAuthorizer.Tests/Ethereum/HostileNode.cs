using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broker.KmsAuthorizer.Tests.Ethereum;

/// <summary>
/// An HTTP server on loopback that plays a node: it answers like one that allows every boot, except where the test has
/// it answer otherwise.
/// </summary>
internal sealed class HostileNode : IAsyncDisposable
{
    private readonly WebApplication _application;

    private HostileNode(WebApplication application) => _application = application;

    public Uri Url => new(_application.Urls.Single());

    /// <param name="play">Given the method and the honest answer, answers itself or returns what is to be sent.</param>
    public static async Task<HostileNode> StartAsync(Func<string, JsonObject, HttpContext, Task<string?>> play)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        application.Run(async http =>
        {
            var question = (await JsonNode.ParseAsync(http.Request.Body))!;
            var method = question["method"]!.GetValue<string>();
            var honest = new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["id"] = question["id"]!.DeepClone(),
                ["result"] = Result(method, question["params"]!),
            };
            if (await play(method, honest, http) is { } answer) await http.Response.WriteAsync(answer);
        });
        await application.StartAsync();
        return new HostileNode(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static JsonNode Result(string method, JsonNode parameters) => method switch
    {
        "eth_chainId" => "0x1",
        "eth_getBlockByNumber" => new JsonObject { ["number"] = "0x10", ["timestamp"] = "0x0" },
        // gatewayAppId() asks with four bytes, the verdict's functions with many: (true, "") and "".
        "eth_call" => parameters[0]!["data"]!.GetValue<string>().Length == 10
            ? $"0x{Word("20")}{Word("0")}"
            : $"0x{Word("1")}{Word("40")}{Word("0")}",
        _ => "0x10",
    };

    private static string Word(string hex) => hex.PadLeft(64, '0');
}
