using System.Net;
using Broker.LocalCloud.Configuration;
using Broker.LocalCloud.Faults;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.S3;
using Broker.LocalCloud.Ses;
using Broker.LocalCloud.Signing;
using Broker.LocalCloud.Sts;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Broker.LocalCloud;

/// <summary>
/// STS, S3 and SES on one loopback port, for laptops and tests. It checks what AWS checks, but it is not AWS: nothing
/// that must stay secret or must not get lost belongs into it.
/// </summary>
public sealed class LocalCloudHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalCloudHost(WebApplication app)
    {
        _app = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        BaseAddress = new Uri(addresses.Addresses.First());
        Faults = app.Services.GetRequiredService<InjectedFaults>();
        AccessKeys = app.Services.GetRequiredService<CloudResources>().Users
            .ToDictionary(user => user.Name, user => new LocalCloudAccessKey(user.AccessKeyId, user.SecretAccessKey));
    }

    /// <summary>The endpoint of all three services, e.g. <c>http://127.0.0.1:4580/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Faults to switch on and off while the cloud runs.</summary>
    public InjectedFaults Faults { get; }

    /// <summary>The users' access keys by user name.</summary>
    public IReadOnlyDictionary<string, LocalCloudAccessKey> AccessKeys { get; }

    /// <summary>The mails taken so far, oldest first.</summary>
    public IReadOnlyList<SentMail> Mails => _app.Services.GetRequiredService<Outbox>().All();

    /// <summary>Returns once the cloud answers on its port.</summary>
    /// <exception cref="LocalCloudConfigurationException">The options or the configuration are wrong.</exception>
    public static async Task<LocalCloudHost> StartAsync(LocalCloudOptions options, CancellationToken stop = default)
    {
        if (!IPAddress.IsLoopback(options.Bind))
            throw new LocalCloudConfigurationException(
                $"the local cloud is a development tool and binds loopback only, not {options.Bind}");
        var app = Compose(options);
        try
        {
            await app.StartAsync(stop);
            return new LocalCloudHost(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the process is asked to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken stop = default) => _app.WaitForShutdownAsync(stop);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Compose(LocalCloudOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = "Broker.LocalCloud",
            Args = ["--hostBuilder:reloadConfigOnChange=false"], // a watch takes one of a user's few inotify instances
        });
        builder.Logging.ClearProviders();
        if (options.LogRequests) builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter(typeof(RequestLog).FullName, LogLevel.Information);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Bind, options.Port);
        });

        // A page in a browser on this machine must not reach us by a name that it made resolve to loopback.
        builder.Services.AddHostFiltering(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        AddCloud(builder.Services, options);

        var app = builder.Build();
        app.UseMiddleware<HostFilteringMiddleware>();
        app.UseMiddleware<RequestLog>();
        AboutRoutes.Map(app);
        StsRoutes.Map(app);
        SesRoutes.Map(app);
        S3Routes.Map(app);
        return app;
    }

    private static void AddCloud(IServiceCollection services, LocalCloudOptions options)
    {
        var resources = CloudAccount.Read(options);
        services.AddSingleton(options.Clock);
        services.AddSingleton(resources);
        services.AddSingleton<CredentialDirectory>();
        services.AddSingleton<SignatureVerifier>();
        services.AddSingleton(provider =>
        {
            var faults = new InjectedFaults(options.Clock);
            foreach (var fault in options.Faults) faults.Inject(fault);
            return faults;
        });

        services.AddSingleton(new IssuerKeys(IssuerKeys.CreateClient(), options.Clock));
        services.AddSingleton<WebIdentityVerifier>();
        services.AddSingleton<AssumeRoleWithWebIdentity>();
        services.AddSingleton<AssumeRole>();
        services.AddSingleton<StsRoutes>();

        services.AddSingleton(new ObjectStore(resources.Buckets.Select(bucket => bucket.Name), options.DataFolder));
        services.AddSingleton<S3Objects>();
        services.AddSingleton<S3Copies>();
        services.AddSingleton<S3Buckets>();
        services.AddSingleton<S3Routes>();

        services.AddSingleton<Outbox>();
        services.AddSingleton<SesRoutes>();
    }
}
