using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Broker.KmsAuthorizer.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Broker.KmsAuthorizer.Tests;

/// <summary>The real service on a free loopback port, its log kept.</summary>
internal sealed class RunningAuthorizer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly KeptLog _log;

    private RunningAuthorizer(WebApplication application, KeptLog log)
    {
        (_application, _log) = (application, log);
        Http = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public IReadOnlyCollection<string> LogLines => _log.Lines;

    public static async Task<RunningAuthorizer> StartAsync(BackendSettings backend, TimeProvider? clock = null)
    {
        var log = new KeptLog();
        var application = AuthorizerApplication.Build(
            new AuthorizerSettings(IPAddress.Loopback, 0, backend), clock, logging => logging.AddProvider(log));
        await application.StartAsync();
        return new RunningAuthorizer(application, log);
    }

    public Task<Answer> GetAsync(string path = "/") => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Answer> PostAsync(string path, JsonNode body) => PostAsync(path, body.ToJsonString());

    public Task<Answer> PostAsync(string path, string body, string contentType = "application/json") =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, contentType),

            // A body that is too large is refused before it is sent; else the refusal races with the broken connection.
            Headers = { ExpectContinue = body.Length > 1_000_000 },
        });

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private sealed class KeptLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Enqueue($"{formatter(state, exception)}{exception}");

        public void Dispose() { }
    }
}

/// <summary>An answer: its status and its body.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    /// <summary>Asserts a 200 with exactly these three members.</summary>
    public void ShouldSay(bool isAllowed, string reason, string gatewayAppId)
    {
        Status.ShouldBe(HttpStatusCode.OK, Text);
        Json.Select(member => member.Key).ShouldBe(["isAllowed", "reason", "gatewayAppId"]);
        Json["reason"]!.GetValue<string>().ShouldBe(reason);
        Json["isAllowed"]!.GetValue<bool>().ShouldBe(isAllowed);
        Json["gatewayAppId"]!.GetValue<string>().ShouldBe(gatewayAppId);
    }

    /// <summary>Asserts the denial that stands for "nobody could be asked", which says nothing about why.</summary>
    public void ShouldBeUnavailable() => ShouldSay(false, "authorization backend unavailable", "");

    /// <summary>Asserts a refusal that any KMS reads as a denial, whose detail names the field.</summary>
    public void ShouldBeInvalid(string field, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        Status.ShouldBe(status, Text);
        Json["isAllowed"]!.GetValue<bool>().ShouldBeFalse();
        Json["reason"]!.GetValue<string>().ShouldBe("invalid authorization request");
        Json["gatewayAppId"]!.GetValue<string>().ShouldBe("");
        Json["detail"]!.GetValue<string>().ShouldStartWith($"{field}: ");
    }
}
