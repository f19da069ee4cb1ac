using System.Diagnostics.Metrics;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;

namespace Broker.Modules;

/// <summary>
/// A feature says what it brings. The host composes a list of modules, and whatever is told of all features (settings,
/// refusals, tables, readiness, metrics, the start's log) is printed from that list. Each member has a default that
/// brings nothing.
/// </summary>
internal abstract class BrokerModule
{
    /// <summary>Its environment variables.</summary>
    public virtual IReadOnlyList<Setting> Settings => [];

    /// <summary>The reasons for which it refuses.</summary>
    public virtual IReadOnlyList<RefusalCode> Refusals => [];

    /// <summary>What it changes in the state database.</summary>
    public virtual IReadOnlyList<StateTable> Tables => [];

    /// <summary>What kinds of entry it records.</summary>
    public virtual IReadOnlyList<EntryKind> EntryKinds => [];

    /// <summary>How its bodies and answers are written as JSON.</summary>
    public virtual IJsonTypeInfoResolver? Json => null;

    /// <summary>Reads its options. Changes nothing, and keeps what is wrong with <paramref name="start"/>.</summary>
    public virtual void Read(ModuleStart start)
    {
    }

    /// <summary>
    /// Finds what is wrong with the files that its options name. Called when all options are read; changes nothing.
    /// </summary>
    public virtual void FindFaults(ModuleStart start)
    {
    }

    /// <summary>A port of its own beside that of the process; null where it has none.</summary>
    public virtual OwnListener? Listener(ModuleStart start) => null;

    /// <summary>Adds its services. Called when nothing was found wrong; the modules before it have added theirs.</summary>
    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public virtual void AddServices(IServiceCollection services, ModuleStart start)
    {
    }

    /// <summary>Maps its routes.</summary>
    public virtual void Map(WebApplication app)
    {
    }

    /// <summary>Its parts' words on themselves; called at each <c>GET /readyz</c>.</summary>
    public virtual IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services) => [];

    /// <summary>What it depends on elsewhere; called once.</summary>
    public virtual IEnumerable<Dependency> Dependencies(IServiceProvider services) => [];

    /// <summary>What it counts, in the order of <c>/metrics</c>; called once.</summary>
    public virtual IEnumerable<Instrument> Metrics(IServiceProvider services) => [];

    /// <summary>What infrastructure of its own was lost; null where <paramref name="fault"/> is not of its kind.</summary>
    public virtual Refusal? Explain(Exception fault) => null;

    /// <summary>Asks what must be known before anything listens.</summary>
    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public virtual Task ProbeAsync(IServiceProvider services, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Tells what an operator should read in the log of a start.</summary>
    public virtual void Note(IServiceProvider services, ILogger log)
    {
    }
}
