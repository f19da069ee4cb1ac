using System.Diagnostics.Metrics;

namespace Broker.Metrics;

/// <summary>
/// The meter that every instrument of the broker belongs to. Instruments have no labels: numbers only, nothing that
/// could name a person. Counting allocates nothing.
/// </summary>
internal static class BrokerMeter
{
    public const string Name = "broker";

    /// <summary>Upper bounds in seconds.</summary>
    private static readonly InstrumentAdvice<double> Bounds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>A meter of this process's own container, so that two brokers in one process count apart.</summary>
    public static void AddBrokerMeter(this IServiceCollection services) =>
        services.AddSingleton(provider => provider.GetRequiredService<IMeterFactory>().Create(Name));

    /// <summary>A number that only grows.</summary>
    public static Counter<long> Counter(this Meter meter, string name, string help) =>
        meter.CreateCounter<long>(name, unit: null, help);

    /// <summary>A number that only grows and that another part of the house counts.</summary>
    public static ObservableCounter<long> Counter(this Meter meter, string name, string help, Func<long> read) =>
        meter.CreateObservableCounter(name, read, unit: null, help);

    /// <summary>A number that another part of the house knows.</summary>
    public static ObservableGauge<long> Gauge(this Meter meter, string name, string help, Func<long> read) =>
        meter.CreateObservableGauge(name, read, unit: null, help);

    /// <summary>Durations in seconds.</summary>
    public static Histogram<double> Durations(this Meter meter, string name, string help) =>
        meter.CreateHistogram(name, unit: null, help, tags: null, Bounds);
}
