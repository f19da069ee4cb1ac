using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Broker.Listening;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Tls;

/// <summary>
/// A Kestrel listener of the KMS: its own port, its own TLS, its own limits, apart from the broker's web service in the
/// same process.
/// </summary>
internal static class KmsListener
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Builds an application that will listen on one endpoint once it is started.</summary>
    /// <param name="endpoint">Port 0 lets the system choose.</param>
    /// <param name="logs">The process's own logging.</param>
    /// <param name="secure">Adds TLS and what goes between it and HTTP; does nothing for plain HTTP.</param>
    public static WebApplication Create(IPEndPoint endpoint, ILoggerFactory logs, Action<ListenOptions> secure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new ListenerLogs(logs));
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.RequireDigitsInContentLength();
            // The endpoint counts for itself: a body that is too large gets an answer and not a broken connection.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(endpoint, secure);
        });

        var app = builder.Build();
        app.UseHeadRequests();
        app.Use(WriteHeaders);
        app.UseOneSpelling();
        app.UseRouting();
        return app;
    }

    /// <summary>
    /// TLS in the system's versions (1.2 and 1.3) with <paramref name="server"/>; clients may present a certificate
    /// that <paramref name="trust"/> accepts.
    /// </summary>
    public static void UseMutualTls(
        ListenOptions listener, X509Certificate2 server, ClientCertificateTrust trust, bool mandatory) =>
        listener.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = server,
            HandshakeTimeout = HandshakeTimeout,
            ClientCertificateMode = mandatory
                ? ClientCertificateMode.RequireCertificate
                : ClientCertificateMode.AllowCertificate,
            ClientCertificateValidation = (certificate, _, errors) =>
                !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) && trust.Accepts(certificate),
        });

    /// <summary>TLS in the system's versions without client certificates.</summary>
    public static void UseTls(ListenOptions listener, X509Certificate2 server) =>
        listener.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = server,
            HandshakeTimeout = HandshakeTimeout,
        });

    /// <summary>Where a started application listens.</summary>
    public static Uri AddressOf(WebApplication app)
    {
        var server = app.Services.GetRequiredService<IServer>();
        return new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    private static Task WriteHeaders(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "SAMEORIGIN";
        headers.CacheControl = "no-store";
        return next(http);
    }
}
