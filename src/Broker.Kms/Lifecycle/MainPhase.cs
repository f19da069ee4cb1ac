using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Broker.Kms.Admin;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Composition;
using Broker.Kms.Configuration;
using Broker.Kms.Page;
using Broker.Kms.Prpc;
using Broker.Kms.Rpc;
using Broker.Kms.Tls;
using Microsoft.AspNetCore.Builder;

namespace Broker.Kms.Lifecycle;

/// <summary>The KMS at work: the main service over TLS, and the admin listener where the operator wants one.</summary>
internal sealed class MainPhase : IAsyncDisposable
{
    private readonly WebApplication _main;
    private readonly WebApplication? _admin;

    private MainPhase(WebApplication main, WebApplication? admin)
    {
        _main = main;
        _admin = admin;
    }

    public Uri Address => KmsListener.AddressOf(_main);

    public Uri? AdminAddress => _admin is null ? null : KmsListener.AddressOf(_admin);

    /// <summary>Starts to listen.</summary>
    /// <param name="parts">What everything is built from.</param>
    /// <param name="identity">The keys to serve.</param>
    /// <param name="port">The port; onboarding may have chosen it.</param>
    /// <param name="stop">Ends the start.</param>
    public static async Task<MainPhase> StartAsync(
        KmsParts parts, KmsIdentity identity, int port, CancellationToken stop)
    {
        var cache = new ImageCache(parts.Options.ImageCacheDir);
        var wrongTokens = new WrongTokenLimit(parts.Time);
        var main = CreateMain(parts, identity, cache, wrongTokens, port);
        await main.StartAsync(stop);
        if (!parts.Options.AdminEnabled) return new MainPhase(main, admin: null);

        var admin = AdminListener.Create(parts, cache, wrongTokens);
        try
        {
            await admin.StartAsync(stop);
            return new MainPhase(main, admin);
        }
        catch (Exception taken) when (taken is IOException or SocketException)
        {
            await new MainPhase(main, admin: null).DisposeAsync();
            var endpoint = new IPEndPoint(parts.Options.AdminAddress, parts.Options.AdminPort);
            throw new KmsStartException(
                $"{AdminSettings.ListenPort.Name}=\"{endpoint.Port}\": cannot listen on {endpoint}: {taken.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in new[] { _main, _admin })
        {
            if (app is null) continue;
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }

    private static WebApplication CreateMain(
        KmsParts parts, KmsIdentity identity, ImageCache cache, WrongTokenLimit wrongTokens, int port)
    {
        var options = parts.Options;
        var server = ServerCertificateOf(parts, identity);
        var trust = ClientCertificateTrust.FromPem(options.RpcTlsMutualCaCerts.Length == 0
            ? identity.TempCaPem
            : NamedFile.Use(
                TlsSettings.ClientAuthorities.Name, options.RpcTlsMutualCaCerts,
                () => File.ReadAllText(options.RpcTlsMutualCaCerts)));
        var app = KmsListener.Create(new IPEndPoint(options.RpcAddress, port), parts.Logs, listener =>
        {
            KmsListener.UseMutualTls(listener, server, trust, options.RpcTlsMutualMandatory);
            var memory = ConnectionEvidence.MemoryWithin(options.CollateralMaxAge);
            listener.Use(next => ConnectionEvidence.Attach(next, parts.Verifier, memory, parts.Time));
        });

        var metrics = new KmsMetrics();
        app.Use(async (http, next) =>
        {
            http.Response.Headers["X-App-Version"] = KmsVersion.Header;
            await next(http);
            metrics.Count(http.Request.Path, http.Response.StatusCode);
        });
        parts.Serve("KMS.", Methods(parts, identity, cache, wrongTokens)).Map(app);
        KmsPages.MapRunning(app);
        app.MapGet("/health", () => "OK");
        if (options.MetricsEnabled) app.MapGet("/metrics", metrics.ToText);
        return app;
    }

    private static IPrpcMethod[] Methods(
        KmsParts parts, KmsIdentity identity, ImageCache cache, WrongTokenLimit wrongTokens)
    {
        var callers = new CallerAuthorization(parts.Options, parts.Authority, parts.Image);
        return
        [
            new GetMeta(identity, parts.Folder, parts.Authority),
            new GetTempCaCert(parts.Options, identity, parts.Machine, parts.Self, parts.Records),
            new GetAppKey(identity, parts.Self, callers, parts.Records),
            new GetKmsKey(identity, parts.Self, callers, parts.Records),
            new GetAppEnvEncryptPubKey(identity, parts.Self, parts.Time),
            new SignCert(identity, parts.Self, callers, parts.Verifier, parts.Records, parts.Time),
            new ClearImageCache(
                AdminToken.FromSha256(parts.Options.AdminTokenHash), cache, wrongTokens, parts.Records),
        ];
    }

    private static X509Certificate2 ServerCertificateOf(KmsParts parts, KmsIdentity identity) =>
        parts.Options is { RpcTlsCerts.Length: > 0, RpcTlsKey.Length: > 0 } elsewhere
            ? NamedFile.Use(
                TlsSettings.Certificates.Name, elsewhere.RpcTlsCerts,
                () => ServerCertificate.FromFiles(elsewhere.RpcTlsCerts, elsewhere.RpcTlsKey))
            : ServerCertificate.From(identity.RpcPem, identity.RpcKey);
}
