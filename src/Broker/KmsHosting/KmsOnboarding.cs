using Broker.Configuration;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Kms.Configuration;
using Broker.Kms.Derivation;
using Broker.Kms.Lifecycle;
using Broker.Kms.Records;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Refusals;
using Broker.Ledger.Writing;
using Broker.LedgerHosting;
using Broker.Modules;
using Broker.Operations;
using Broker.SigningKeys;
using Broker.Storage;

namespace Broker.KmsHosting;

/// <summary>
/// The time before there are keys, where the roots of the KMS give them (<c>BROKER_SIGNING_KEYS=kms</c>): the KMS waits
/// for its operator, and on the broker's port everything but <c>/healthz</c> answers 503 with the reason.
/// </summary>
internal static class KmsOnboarding
{
    private const string Reason = "the KMS of this broker has no keys yet; its operator makes or fetches them";

    /// <summary>Whether the start has to wait for keys.</summary>
    /// <exception cref="BootFailException">The KMS's folder holds something else than keys.</exception>
    public static bool IsNeeded(ModuleStart start) =>
        start.Get<KeyFileOptions>().KmsFolder is { } folder && KmsKeys.Find(folder) is null;

    /// <param name="start">All settings read, and no fault found.</param>
    /// <returns>Ends when there are keys, or the process is to end.</returns>
    public static WebApplication Build(ModuleStart start, KmsOptions kms)
    {
        var builder = ProcessBuilder.New();
        builder.Services.AddBrokerLogging(start.Get<OperationsOptions>());
        builder.Services.AddServiceManager(isWholeLife: false);
        builder.WebHost.ListenAs(start.Get<ListenOptions>(), []);
        builder.Services.AddHttpConventions([]);
        start.AddOptions(builder.Services);
        builder.Services.AddSingleton<IKmsLedger>(_ => new LedgerOfRoots(start));
        builder.Services.AddKmsOnboarding(kms);
        var app = builder.Build();
        app.UseHttpConventions([], []);
        app.MapGet("/healthz", () => TypedResults.Text("ok"));
        app.MapGet("/readyz", () => TypedResults.Json(
            new NotReady("unready", false, [new CheckBody("kms", "unready", Reason, "")], [], false, false),
            OperationsJson.Default.NotReady, statusCode: StatusCodes.Status503ServiceUnavailable));
        foreach (var all in (string[])["/", "{**path}"])
            app.MapFallback(all, () => new ErrorAnswer(new Refusal(KeyRefusals.NotOnboarded, Reason)));
        return app;
    }

    /// <summary>The process's ledger, opened under the key of the roots that are about to go on record.</summary>
    private sealed class LedgerOfRoots(ModuleStart start) : IKmsLedger, IAsyncDisposable
    {
        private ServiceProvider? _opened;

        public ReleaseLedger? Ledger => _opened?.GetRequiredService<ReleaseLedger>();

        public RefusalRecorder? Refusals => _opened?.GetRequiredService<RefusalRecorder>();

        public void Open(BrokerKeys keys)
        {
            if (_opened is not null) return;
            var services = new ServiceCollection();
            services.AddLedger(
                start.Get<StorageOptions>().LedgerPath, start.Get<LedgerFileOptions>(),
                new CheckpointSigners(LedgerOrigin.Of(start.Boot), [KmsKeys.LedgerOf(keys, version: 1)]),
                new EntryKinds(KmsEntryKinds.All), start.Time);
            _opened = services.BuildServiceProvider();
        }

        public ValueTask DisposeAsync() => _opened?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
