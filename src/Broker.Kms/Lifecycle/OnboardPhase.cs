using System.Net;
using Broker.Kms.Onboarding;
using Broker.Kms.Page;
using Broker.Kms.Prpc;
using Broker.Kms.Tls;
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
        app.RequireSameOrigin();
        var finish = new Finish();
        parts.Serve("Onboard.", Methods(parts, finish)).Map(app);
        OnboardPage.Map(app);
        app.MapGet("/health", () => "OK");
        app.MapGet("/finish", (HttpContext http) =>
        {
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

    private static IPrpcMethod[] Methods(KmsParts parts, Finish finish)
    {
        var ceremony = new KeyCeremony(
            parts.Options, parts.Folder, parts.Agent, parts.Machine, parts.Self, parts.Records, parts.Time);
        var source = new SourceKms(
            parts.Options, parts.Agent, parts.Machine, parts.Verifier, parts.Authority, parts.Time);
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
