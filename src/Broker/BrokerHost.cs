using Broker.Aws;
using Broker.Configuration;
using Broker.Discovery;
using Broker.Http;
using Broker.Kms.Lifecycle;
using Broker.KmsHosting;
using Broker.Ledger;
using Broker.Operations;
using Broker.Receipts;
using Broker.Releases;
using Broker.Sessions;
using Broker.SigningKeys;
using Broker.SignIn.Wallet;
using Broker.Storage;
using Broker.Tokens;

namespace Broker;

/// <summary>Puts the house together: settings, keys, stores, features, in boot order (contract §6.2).</summary>
internal static class BrokerHost
{
    /// <summary>A broker ready to listen. Nothing listens before every tier-1 check has passed.</summary>
    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public static async Task<WebApplication> BuildAsync(
        BootEnvironment boot, StartupChoices choices, TimeProvider time, CancellationToken stop)
    {
        // 1. Settings, and the files that they name: whatever is wrong with them is told at once.
        var faults = new BootFaults();
        var modules = faults.Try(() => ModuleOptions.Read(boot));
        var read = faults.Try(() => BrokerOptions.Read(boot));
        var kms = modules is { Kms: true } ? faults.Try(() => KmsFeature.Read(boot)) : null;
        faults.Try(() => DataFolder.Check(boot));
        SigningKeysFeature.FindFaults(boot, choices, faults, KeyPurpose.All);
        faults.Try(() => OperatorToken.Load(boot.ReadOptional(Settings.OperatorTokenFile)));
        faults.ThrowIfAny();
        var options = read!;
        DataFolder.Prepare(boot);

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "Broker" });
        builder.Logging.AddBrokerLogging(options.Operations);
        builder.WebHost.ListenAs(options.Listen);
        builder.Services.AddHttpConventions(options);

        // 2. Keys, then stores: a broker that cannot sign or cannot write must not start.
        var keys = builder.Services.AddSigningKeys(options, choices, time);
        builder.Services.AddStorage(options, keys, time);

        // 3. Features.
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(choices);
        builder.Services.AddSingleton(time);
        builder.Services.AddReleases();
        builder.Services.AddSessions(options, keys.Session);
        builder.Services.AddWalletSignIn();
        builder.Services.AddTokens();
        builder.Services.AddAws();
        builder.Services.AddReceipts(options);
        builder.Services.AddOperations();
        if (kms is not null) builder.Services.AddKms(kms);

        var app = builder.Build();

        // Asked for once, so that the container knows it and closes it at the end, even of a process that wrote
        // nothing.
        _ = app.Services.GetRequiredService<ReleaseLedger>();
        app.UseHttpConventions();
        app.MapDiscovery();
        app.MapWalletSignIn();
        app.MapSessions();
        app.MapTokens();
        app.MapAws();
        app.MapReceipts();
        app.MapOperations();

        // 4. The probe of our own AWS credentials, then what the operator should read in the log.
        await StartupProbe.RunAsync(app.Services, stop);
        StartupNotes.Log(app, boot);
        return app;
    }
}
