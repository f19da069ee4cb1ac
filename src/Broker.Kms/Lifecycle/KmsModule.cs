using System.Collections.Immutable;
using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.OsImage;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Attestation.Verification;
using Broker.Foundation.Settings;
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

    /// <summary>
    /// Adds <see cref="OwnMachine"/>, with or without a KMS. The container must hold a <see cref="TimeProvider"/> and
    /// logging.
    /// </summary>
    /// <param name="options">Of <see cref="KmsSettings.ReadMachine"/>, or those of the KMS.</param>
    public static IServiceCollection AddOwnMachine(this IServiceCollection services, KmsOptions options)
    {
        services.TryAddSingleton(provider => QuoteVerifierOf(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<IGuestAgent>(_ => new DstackGuestAgent(options.AgentAddress));
        services.TryAddSingleton(provider => new OwnMachine(
            provider.GetRequiredService<IGuestAgent>(), options.AgentAddress,
            provider.GetRequiredService<CollateralBackedVerifier>()));
        return services;
    }

    private static IServiceCollection AddKms(this IServiceCollection services, KmsOptions options, bool onboardOnly)
    {
        services.AddSingleton(options);
        services.AddOwnMachine(options);
        services.TryAddSingleton(provider => ReportVerifierOf(options, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => Authority(options, provider.GetRequiredService<ILoggerFactory>()));
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
        var verifier = new AttestationVerifier(
            provider.GetRequiredService<CollateralBackedVerifier>(),
            provider.GetRequiredService<CollateralBackedReportVerifier>());
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
    private static byte[] ReadRoot(Setting<string> setting, string path) =>
        NamedFile.Use(setting.Name, path, () => KmsFiles.ReadRoot(path));

    private static ExternalTrustAnchorOptions ConsentOf(KmsOptions options) => new()
    {
        InsecureAllowExternalTrustAnchors = options.InsecureAllowExternalTrustAnchors,
    };

    private static string CollateralFolder(KmsOptions options) => options.CollateralCacheDir.Length > 0
        ? options.CollateralCacheDir
        : Path.Combine(options.ImageCacheDir, "collateral");

    /// <summary>
    /// Judges SEV-SNP reports under AMD's roots, or the operator's, by the strictest rules. Certificates that a guest
    /// does not send come from the key service and are kept on disk.
    /// </summary>
    private static CollateralBackedReportVerifier ReportVerifierOf(KmsOptions options, TimeProvider time)
    {
        var families = Enum.GetValues<ProcessorFamily>();
        var foreign = families.Where(family => options.SevSnp.RootCa(family).Length > 0).ToDictionary(
            family => family,
            family => (ReadOnlyMemory<byte>)ReadRoot(
                AttestationSettings.SevSnpRootCa[family], options.SevSnp.RootCa(family)));
        var anchors = foreign.Count == 0
            ? SnpTrustAnchors.Amd
            : SnpTrustAnchors.External(foreign, ConsentOf(options));
        var service = new KdsOrigin(
            KdsOrigin.CreateClient(), new KdsOptions { Address = new Uri(options.AmdKdsUrl) }, time);
        var policy = new SnpPolicy
        {
            RequireRevocationList = options.SevSnp.CheckRevocation,
            MinimumTcb = families.ToImmutableDictionary(family => family, options.SevSnp.MinimumTcb),
        };
        return new CollateralBackedReportVerifier(
            anchors, policy, new CachedCertificates(service, CollateralFolder(options), anchors, time)
            {
                MaxAge = options.CollateralMaxAge - ConnectionEvidence.MemoryWithin(options.CollateralMaxAge),
            });
    }

    /// <summary>
    /// Judges quotes with collateral from the operator's service, which is kept on disk and asked for again in time for
    /// a revocation to count within <see cref="KmsOptions.CollateralMaxAge"/>.
    /// </summary>
    private static CollateralBackedVerifier QuoteVerifierOf(KmsOptions options, TimeProvider time, ILoggerFactory logs)
    {
        var anchors = options.TdxRootCa.Length == 0
            ? TrustAnchors.Intel
            : TrustAnchors.External(ReadRoot(AttestationSettings.TdxRootCa, options.TdxRootCa), ConsentOf(options));
        var service = new PccsCollateralOrigin(
            PccsCollateralOrigin.CreateClient(), new PccsOptions { Address = new Uri(options.PccsUrl) },
            ForeignTextLog.Of<PccsCollateralOrigin>(logs));
        var watch = new WatchedCollateral(logs.CreateLogger<WatchedCollateral>(), time);
        var cached = new CachedCollateralSource(
            service, CollateralFolder(options), new QuoteVerifier(anchors), time, watch.ReportStale)
        {
            MaxAge = options.CollateralMaxAge - ConnectionEvidence.MemoryWithin(options.CollateralMaxAge),
        };
        return new CollateralBackedVerifier(anchors, watch.Watch(cached));
    }
}
