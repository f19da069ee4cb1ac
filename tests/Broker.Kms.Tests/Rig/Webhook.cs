using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Kms.Tests.Rig;

/// <summary>An authorization webhook over real HTTP whose policy a test changes while it runs.</summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Webhook(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    /// <summary>Path and body to the answer's body.</summary>
    public Func<string, JsonElement, Task<(int Status, string Body)>> Answer { get; set; } = AllowAsync;

    /// <summary>What the webhook says of its contract.</summary>
    public string Contract { get; set; } = "0xcontract";

    /// <summary>The status of every GET: of the description, and of whatever else is asked for here.</summary>
    public int GetStatus { get; set; } = 200;

    /// <summary>Every question so far: path and body.</summary>
    public List<(string Path, JsonElement Body)> Questions { get; } = [];

    public static async Task<Webhook> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var hook = new Webhook(builder.Build());
        hook._app.Run(hook.HandleAsync);
        await hook._app.StartAsync();
        var server = hook._app.Services.GetRequiredService<IServer>();
        hook.Url = server.Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return hook;
    }

    public void Allow() => Answer = AllowAsync;

    public void Deny(string reason) => Answer = (_, _) => Decision(allowed: false, reason);

    /// <summary>Allows machines with these measurements only; everything else is told why not.</summary>
    public void AllowMeasurements(params string[] aggregated) => Answer = (_, body) =>
        aggregated.Contains(body.GetProperty("mrAggregated").GetString())
            ? AllowAsync("", body)
            : Decision(allowed: false, "aggregated MR not allowed");

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static Task<(int, string)> AllowAsync(string path, JsonElement body) => Decision(allowed: true, "");

    private static Task<(int, string)> Decision(bool allowed, string reason) => Task.FromResult((200,
        JsonSerializer.Serialize(new { isAllowed = allowed, gatewayAppId = "0xgateway", reason, more = 1 })));

    private async Task HandleAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        if (HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.StatusCode = GetStatus;
            await http.Response.WriteAsync(
                $$"""
                {"status":"ok","kmsContractAddr":"{{Contract}}","gatewayAppId":"0xgateway","chainId":8453,
                "appImplementation":"0ximplementation","ethRpcUrl":"http://eth"}
                """);
            return;
        }

        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        lock (Questions) Questions.Add((http.Request.Path, body.RootElement.Clone()));
        (http.Response.StatusCode, var answer) = await Answer(http.Request.Path, body.RootElement.Clone());
        await http.Response.WriteAsync(answer);
    }
}
