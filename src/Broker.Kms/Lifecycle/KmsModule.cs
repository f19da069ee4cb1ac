using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.OsImage;
using Broker.Attestation.Verification;
using Broker.Kms.Authorization;
using Broker.Kms.Composition;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Machine;
using Broker.Kms.Records;
using Broker.Kms.Tls;
using Broker.Ledger.Refusals;
using Broker.Ledger.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Lifecycle;

/// <summary>How the KMS joins the broker's process.</summary>
public static class KmsModule
{
    /// <summary>
    /// Adds a KMS that starts and stops with the process and listens on its own port with its own TLS. The container
    /// must hold a <see cref="ReleaseLedger"/>, its <see cref="RefusalRecorder"/>, a <see cref="TimeProvider"/> and
    /// logging.
    /// </summary>
    public static IServiceCollection AddKms(this IServiceCollection services, KmsOptions options)
    {
        services.AddSingleton<IKmsLedger>(provider => new OpenLedger(
            provider.GetRequiredService<ReleaseLedger>(), provider.GetRequiredService<RefusalRecorder>()));
        return services.AddKms(options, onboardOnly: false);
    }

    /// <summary>
    /// Adds a KMS that ends the process's host once it has keys. The container must hold an <see cref="IKmsLedger"/>, a
    /// <see cref="TimeProvider"/> and logging.
    /// </summary>
    public static IServiceCollection AddKmsOnboarding(this IServiceCollection services, KmsOptions options) =>
        services.AddKms(options, onboardOnly: true);

    private static IServiceCollection AddKms(this IServiceCollection services, KmsOptions options, bool onboardOnly)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(provider => QuoteVerifierOf(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton(provider => Authority(options, provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<IGuestAgent>(_ => new DstackGuestAgent(options.AgentAddress));
        services.TryAddSingleton(provider => new OsImageVerifier(
            ImageOptionsOf(options), ImageHttp(),
            ForeignTextLog.Of<OsImageVerifier>(provider.GetRequiredService<ILoggerFactory>())));
        services.AddSingleton(provider => new KmsHost(
            () => Build(provider, options),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<IHostApplicationLifetime>())
        {
            OnboardOnly = onboardOnly,
        });
        services.AddHostedService(provider => provider.GetRequiredService<KmsHost>());
        return services;
    }

    private static KmsParts Build(IServiceProvider provider, KmsOptions options)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        var logs = provider.GetRequiredService<ILoggerFactory>();
        var agent = provider.GetRequiredService<IGuestAgent>();
        var authority = provider.GetRequiredService<IBootAuthority>();
        var verifier = new AttestationVerifier(provider.GetRequiredService<CollateralBackedVerifier>());
        var machine = new SelfIdentity(agent, verifier, time);
        return new KmsParts(
            options,
            new KeyDirectory(options.CertDir),
            agent,
            verifier,
            authority,
            new KmsRecords(provider.GetRequiredService<IKmsLedger>(), time),
            machine,
            new SelfAuthorization(options, machine, authority),
            new OsImageCheck(
                options, provider.GetRequiredService<OsImageVerifier>(), logs.CreateLogger<OsImageCheck>()),
            time,
            logs);
    }

    private static IBootAuthority Authority(KmsOptions options, ILoggerFactory logs)
    {
        if (options.AuthApiType == AuthApiType.Dev) return new DevAuthority(options.DevGatewayAppId);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        var http = new HttpClient(handler)
        {
            Timeout = options.WebhookTimeout,
            MaxResponseContentBufferSize = WebhookAuthority.MaxAnswerBytes,
        };
        http.DefaultRequestHeaders.Add("User-Agent", $"dstack-kms/{KmsVersion.Number}");
        return new WebhookAuthority(http, options.WebhookUrl, logs.CreateLogger<WebhookAuthority>());
    }

    private static OsImageOptions ImageOptionsOf(KmsOptions options) => new()
    {
        CacheDirectory = options.ImageCacheDir,
        DownloadUrl = options.ImageDownloadUrl,
        DownloadTimeout = options.ImageDownloadTimeout,
        AcpiTablesProgram = options.ImageAcpiTablesProgram,
        AcceptUnverifiedRtmr0 = options.ImageAcceptUnverifiedRtmr0,
    };

    /// <summary>The download bounds its own time; nothing else may end it early.</summary>
    private static HttpClient ImageHttp() =>
        new(new SocketsHttpHandler { UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <exception cref="KmsStartException">It is not a root certificate.</exception>
    private static byte[] ReadRoot(string path) =>
        NamedFile.Use(AttestationSettings.TdxRootCa.Name, path, () => KmsFiles.ReadRoot(path));

    /// <summary>
    /// Judges quotes with collateral from the operator's service, which is kept on disk and asked for again in time for
    /// a revocation to count within <see cref="KmsOptions.CollateralMaxAge"/>.
    /// </summary>
    private static CollateralBackedVerifier QuoteVerifierOf(KmsOptions options, TimeProvider time, ILoggerFactory logs)
    {
        var anchors = options.TdxRootCa.Length == 0
            ? TrustAnchors.Intel
            : TrustAnchors.External(ReadRoot(options.TdxRootCa), new ExternalTrustAnchorOptions
            {
                InsecureAllowExternalTrustAnchors = options.InsecureAllowExternalTrustAnchors,
            });
        var service = new PccsCollateralOrigin(
            PccsCollateralOrigin.CreateClient(), new PccsOptions { Address = new Uri(options.PccsUrl) },
            ForeignTextLog.Of<PccsCollateralOrigin>(logs));
        var folder = options.CollateralCacheDir.Length > 0
            ? options.CollateralCacheDir
            : Path.Combine(options.ImageCacheDir, "collateral");
        var watch = new WatchedCollateral(logs.CreateLogger<WatchedCollateral>(), time);
        var cached = new CachedCollateralSource(
            service, folder, new QuoteVerifier(anchors), time, watch.ReportStale)
        {
            MaxAge = options.CollateralMaxAge - ConnectionEvidence.MemoryWithin(options.CollateralMaxAge),
        };
        return new CollateralBackedVerifier(anchors, watch.Watch(cached));
    }
}
