using System.Net;
using Broker.Kms.Composition;
using Broker.Kms.Configuration;
using Broker.Kms.Onboarding;
using Broker.Kms.Page;
using Broker.Kms.Prpc;
using Broker.Kms.Tls;
using Broker.Listening;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Lifecycle;

/// <summary>
/// The time before a KMS has keys: a page and four RPCs for an operator, on the port that the main service will have,
/// until the operator says that it is over.
/// </summary>
internal sealed class OnboardPhase : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Finish _finish;

    private OnboardPhase(WebApplication app, Finish finish)
    {
        _app = app;
        _finish = finish;
    }

    public Uri Address => KmsListener.AddressOf(_app);

    /// <summary>Completes when an operator ends the phase.</summary>
    public Task Finished => _finish.Asked;

    /// <summary>Starts to listen.</summary>
    public static async Task<OnboardPhase> StartAsync(KmsParts parts, CancellationToken stop)
    {
        var options = parts.Options;
        var endpoint = new IPEndPoint(options.OnboardAddress, options.OnboardPort);
        var app = KmsListener.Create(endpoint, parts.Logs, listener =>
        {
            if (!options.OnboardTls) return;
            KmsListener.UseTls(listener, ServerCertificate.ForOnboarding(parts.Time.GetUtcNow()));
        });
        app.RequireSameOrigin(name => IsNamed(options, name));
        var finish = new Finish(parts.Folder);
        app.Use((http, next) => finish.IsClosing ? AnswerStartingAsync(http) : next(http));
        parts.Serve("Onboard.", Methods(parts, finish)).Map(app);
        KmsPages.MapOnboarding(app);
        app.MapGet("/state", () => Results.Json(
            OnboardState.Of(parts.Folder), OnboardStateJson.Default.OnboardState));
        app.MapGet("/health", () => "OK");
        app.MapGet("/finish", (HttpContext http) =>
        {
            if (finish.Refusal() is { } early)
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                return early.Detail;
            }

            if (HeadRequests.IsHead(http)) return Finish.Answer;
            finish.Close();
            http.Response.OnCompleted(() =>
            {
                finish.Ask();
                return Task.CompletedTask;
            });
            return Finish.Answer;
        });
        await app.StartAsync(stop);
        return new OnboardPhase(app, finish);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static bool IsNamed(KmsOptions options, string name) =>
        options.OnboardHosts.Any(host => host == "*" || host.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Between the phases: neither service is there, so nobody is told that a method does not exist.</summary>
    private static Task AnswerStartingAsync(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "1";
        return PrpcReply.Failure(StatusCodes.Status503ServiceUnavailable, "the KMS is starting")
            .WriteAsync(http.Response, PrpcEncoding.Json, http.RequestAborted);
    }

    private static IPrpcMethod[] Methods(KmsParts parts, Finish finish)
    {
        var ceremony = new KeyCeremony(
            parts.Options, parts.Folder, parts.Agent, parts.Machine, parts.Self, parts.Records, parts.Time,
            parts.Logs.CreateLogger<KeyCeremony>());
        var source = new SourceKms(
            parts.Options, parts.Agent, parts.Machine, parts.Verifier, parts.Authority, parts.Time,
            parts.Logs.CreateLogger<SourceKms>());
        return
        [
            new Bootstrap(ceremony, parts.Records),
            new Onboard(ceremony, parts.Folder, source, parts.Records),
            new GetAttestationInfo(
                parts.Options,
                parts.Machine,
                parts.Agent,
                parts.Authority,
                parts.Logs.CreateLogger<GetAttestationInfo>()),
            finish,
        ];
    }
}
