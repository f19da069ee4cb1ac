using Broker.Cryptography;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Lifecycle;
using Broker.Kms.Machine;
using Broker.Kms.Records;
using Broker.Ledger;
using Broker.Ledger.Refusals;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Tests.Rig;

/// <summary>
/// A KMS as it runs in the broker's process: real listeners, real files, a real ledger, a simulated machine.
/// </summary>
internal sealed class KmsNode : IAsyncDisposable
{
    private readonly ServiceProvider _provider;
    private readonly Ed25519SigningKey _checkpointKey = Ed25519SigningKey.Generate();
    private readonly TemporaryFolder _folder;

    private KmsNode(
        TemporaryFolder folder, Datacentre datacentre, Guest machine, KmsOptions options, RefusalLimits limits)
    {
        _folder = folder;
        Machine = machine;
        Options = options;
        Ledger = SqliteLedger.Open(
            new SqliteLedgerOptions
            {
                Path = folder.File("audit.sqlite"),
                Origin = "kms.example.test/ledger",
                Kinds = new EntryKinds(KmsEntryKinds.All),
            },
            _checkpointKey,
            TimeProvider.System);
        var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(Logged))
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Ledger)
            .AddSingleton(_ => new RefusalRecorder(
                Ledger, limits, new DiskReserve(folder.Path, 0, TimeProvider.System), TimeProvider.System))
            .AddSingleton<IGuestAgent>(machine)
            .AddKms(options);

        // With a root of its own the node makes its verifier itself, as in the process.
        if (options.TdxRootCa.Length == 0) services.AddSingleton(datacentre.Verifier);
        _provider = services.BuildServiceProvider();
        Host = _provider.GetRequiredService<KmsHost>();
    }

    public Guest Machine { get; }

    public KmsOptions Options { get; }

    public ReleaseLedger Ledger { get; }

    public LogSink Logged { get; } = new();

    public KmsHost Host { get; }

    public KeyDirectory Keys => new(Options.CertDir);

    public Uri Address => Host.Address ?? throw new InvalidOperationException($"not listening: {Host.Phase}");

    /// <summary>Starts a KMS without keys and waits until it listens.</summary>
    public static Task<KmsNode> StartAsync(
        Datacentre datacentre, Webhook webhook, string name = "kms", Func<KmsOptions, KmsOptions>? alter = null,
        RefusalLimits? limits = null) =>
        StartAsync(datacentre, webhook, new Guest(datacentre.NewMachine(), name), alter, limits);

    public static async Task<KmsNode> StartAsync(
        Datacentre datacentre, Webhook webhook, Guest machine, Func<KmsOptions, KmsOptions>? alter = null,
        RefusalLimits? limits = null)
    {
        var folder = new TemporaryFolder();
        var options = new KmsOptions
        {
            CertDir = folder.File("certs"),
            ImageCacheDir = folder.File("images"),
            ImageVerify = false,
            RpcAddress = System.Net.IPAddress.Loopback,
            RpcPort = 0,
            OnboardAddress = System.Net.IPAddress.Loopback,
            OnboardPort = 0,
            WebhookUrl = webhook.Url,
            SiteName = "test site",
        };
        var node = new KmsNode(
            folder, datacentre, machine, alter?.Invoke(options) ?? options,
            limits ?? new RefusalLimits(1_000_000, 1_000_000));
        await node.Host.StartAsync(CancellationToken.None);
        await node.WaitAsync(phase => phase is not KmsPhase.Starting);
        if (node.Host.Phase is not KmsPhase.Stopped) return node;

        var ended = node.Host.ExecuteTask!;
        await ((Task)ended).ContinueWith(static _ => { }, TaskScheduler.Default);
        await node.DisposeAsync();
        await ended;
        throw new InvalidOperationException("the host stopped without a reason");
    }

    /// <summary>Starts a KMS that has made its own keys already.</summary>
    public static async Task<KmsNode> StartRunningAsync(
        Datacentre datacentre, Webhook webhook, string name = "kms", Func<KmsOptions, KmsOptions>? alter = null,
        RefusalLimits? limits = null)
    {
        var node = await StartAsync(
            datacentre,
            webhook,
            name,
            options =>
            {
                var automatic = options with { AutoBootstrapDomain = "localhost" };
                return alter?.Invoke(automatic) ?? automatic;
            },
            limits);
        node.Host.Phase.ShouldBe(KmsPhase.Running);
        return node;
    }

    /// <summary>Waits until the host is in a phase, or fails with what ended it.</summary>
    public async Task WaitAsync(Func<KmsPhase, bool> reached)
    {
        for (var attempt = 0; attempt < 1000 && !reached(Host.Phase); attempt++)
        {
            if (Host.ExecuteTask is { IsFaulted: true } fault) await fault;
            await Task.Delay(10);
        }

        reached(Host.Phase).ShouldBeTrue($"the host stays {Host.Phase}");
    }

    /// <summary>The ledger's rows, oldest first.</summary>
    public IReadOnlyList<LedgerColumns> Entries() =>
        [.. Enumerable.Range(1, (int)Ledger.Reader.Size()).Select(id => Ledger.Reader.At(id)!.Columns)];

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await Host.StopAsync(patience.Token);
        await _provider.DisposeAsync();
        await Ledger.DisposeAsync();
        _checkpointKey.Dispose();
        _folder.Dispose();
    }
}
