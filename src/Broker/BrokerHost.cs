using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Kms.Configuration;
using Broker.Kms.Lifecycle;
using Broker.KmsHosting;
using Broker.Ledger.Writing;
using Broker.Metrics;
using Broker.Modules;
using Broker.Operations;
using Broker.SigningKeys;

namespace Broker;

/// <summary>Puts the house together from its modules, in boot order (contract §6.2).</summary>
internal static partial class BrokerHost
{
    /// <summary>A broker ready to listen. Nothing listens before every tier-1 check has passed.</summary>
    /// <param name="features">The list of modules; that of the house where it is left out.</param>
    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public static async Task<WebApplication> BuildAsync(
        BootEnvironment boot, StartupChoices choices, TimeProvider time, CancellationToken stop,
        IReadOnlyList<BrokerModule>? features = null)
    {
        // 1. Settings, and the files that they name: whatever is wrong with them is told at once.
        var modules = features ?? BrokerModules.Of(boot);
        var (start, kms) = ReadAll(boot, choices, time, modules);

        // 2. Services, each module's after those that it builds on: keys and stores come before what needs them, and a
        // broker that cannot sign or cannot write does not start.
        var builder = ProcessBuilder.New();
        builder.Services.AddBrokerLogging(start.Get<OperationsOptions>());
        var listeners = ListenersOf(start);
        builder.WebHost.ListenAs(start.Get<ListenOptions>(), listeners);
        builder.Services.AddServiceManager();
        builder.Services.AddBrokerMeter();
        builder.Services.AddHttpConventions(modules);
        builder.Services.AddSingleton(modules);
        start.AddOptions(builder.Services);
        foreach (var module in modules) module.AddServices(builder.Services, start);
        if (kms is not null) builder.Services.AddKms(kms);
        var app = builder.Build();
        try
        {
            await PrepareAsync(app, start, listeners, stop);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static async Task PrepareAsync(
        WebApplication app, ModuleStart start, IReadOnlyList<OwnListener> listeners, CancellationToken stop)
    {
        // Asked for once, so that the container knows it and closes it at the end, even of a process that wrote
        // nothing.
        _ = app.Services.GetRequiredService<ReleaseLedger>();
        app.UseHttpConventions(start.Modules, listeners);
        foreach (var module in start.Modules) module.Map(app);

        // 3. What must be known before anything listens, then what the operator should read in the log.
        foreach (var module in start.Modules) await module.ProbeAsync(app.Services, stop);
        Note(app, start);
    }

    /// <summary>
    /// The wait for the KMS's keys, where they are those of the broker and are not there yet; null where nothing has to
    /// wait.
    /// </summary>
    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public static WebApplication? BuildOnboarding(BootEnvironment boot, StartupChoices choices, TimeProvider time)
    {
        // A value that cannot be read is told with all else.
        if (new BootFaults().Try(() => boot.Read(KeySettings.Source)) != KeySource.Kms) return null;
        var (start, kms) = ReadAll(boot, choices, time, BrokerModules.Of(boot));
        return kms is not null && KmsOnboarding.IsNeeded(start) ? KmsOnboarding.Build(start, kms) : null;
    }

    private static (ModuleStart Start, KmsOptions? Kms) ReadAll(
        BootEnvironment boot, StartupChoices choices, TimeProvider time, IReadOnlyList<BrokerModule> modules)
    {
        var start = Read(new ModuleStart(boot, choices, time, modules));
        var kms = ReadKms(start);
        foreach (var module in modules) module.FindFaults(start);
        start.Faults.ThrowIfAny();
        return (start, kms);
    }

    /// <summary>The ports beside that of the process.</summary>
    /// <exception cref="BootFailException">Two of them are the same.</exception>
    private static OwnListener[] ListenersOf(ModuleStart start)
    {
        OwnListener[] listeners = [.. start.Modules.Select(module => module.Listener(start)).OfType<OwnListener>()];
        var taken = new Dictionary<int, Setting>();
        if (start.Get<ListenOptions>() is { HasPort: true, Port: > 0 and var own }) taken[own] = HttpSettings.Port;
        foreach (var one in listeners.Where(one => one.Port > 0 && !taken.TryAdd(one.Port, one.PortSetting)))
        {
            start.Faults.Add([BootFault.Of(
                one.PortSetting, $"{one.Port}", $"is the port of {taken[one.Port].Name} too")]);
        }

        start.Faults.ThrowIfAny();
        return listeners;
    }

    /// <summary>Reads every setting, and keeps what is wrong with them.</summary>
    public static ModuleStart Read(ModuleStart start)
    {
        start.Faults.CheckForms(start.Boot, BrokerModules.SettingsOf(start.Modules));
        foreach (var module in start.Modules) module.Read(start);
        return start;
    }

    /// <summary>Null where this process has no KMS.</summary>
    private static KmsOptions? ReadKms(ModuleStart start) =>
        start.Faults.Try(() => ProcessParts.Read(start.Boot)) is { Kms: true }
            ? start.Faults.Try(() => KmsVariables.Read(start.Boot))
            : null;

    private static void Note(WebApplication app, ModuleStart start)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Broker.Startup");
        var known = BrokerModules.NamesOf([.. BrokerModules.All, .. start.Modules]);
        foreach (var name in start.Boot.NamesBeside(known)) LogUnknownSetting(log, name);
        foreach (var module in start.Modules) module.Note(app.Services, log);
        app.Lifetime.ApplicationStarted.Register(() => LogListening(log, string.Join(", ", app.Urls)));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "broker listening on {Addresses}")]
    private static partial void LogListening(ILogger log, string addresses);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} is set, but is not a setting of this broker")]
    private static partial void LogUnknownSetting(ILogger log, string name);
}
