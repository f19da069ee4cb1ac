using Broker.Configuration;
using Broker.Foundation.Settings;

namespace Broker.Modules;

/// <summary>
/// A start under way: the environment, the command line, what is wrong so far, and the options that the modules have
/// read. Options are known by their type, and are services of the process under it.
/// </summary>
/// <param name="modules">The features of this process, in their order.</param>
internal sealed class ModuleStart(
    BootEnvironment boot, StartupChoices choices, TimeProvider time, IReadOnlyList<BrokerModule> modules)
{
    private readonly Dictionary<Type, object> _options = [];

    public IReadOnlyList<BrokerModule> Modules => modules;

    public BootEnvironment Boot => boot;

    public StartupChoices Choices => choices;

    public TimeProvider Time => time;

    public BootFaults Faults { get; } = new();

    /// <summary>A mode that cannot be read is the stricter one.</summary>
    public bool IsDevelopment { get; } = new BootFaults().Try(() => boot.Read(CoreSettings.DevelopmentMode));

    /// <summary>Reads options and keeps them; what is wrong with them is kept as faults.</summary>
    public void Read<T>(Func<BootEnvironment, T> read)
        where T : class
    {
        if (Faults.Try(() => read(boot)) is { } options) _options[typeof(T)] = options;
    }

    /// <summary>Keeps what a module has made for those after it.</summary>
    public void Keep<T>(T made)
        where T : class => _options[typeof(T)] = made;

    /// <summary>Null where the options could not be read.</summary>
    public T? Find<T>()
        where T : class => (T?)_options.GetValueOrDefault(typeof(T));

    /// <exception cref="InvalidOperationException">No module has read such options.</exception>
    public T Get<T>()
        where T : class => Find<T>()
        ?? throw new InvalidOperationException($"internal error: no module has read {typeof(T).Name}");

    /// <summary>Makes every option a service.</summary>
    public void AddOptions(IServiceCollection services)
    {
        services.AddSingleton(choices);
        services.AddSingleton(time);
        foreach (var (type, options) in _options) services.AddSingleton(type, options);
    }
}
