using System.Diagnostics.Metrics;
using System.Text;

namespace Broker.Metrics;

/// <summary>
/// Listens to instruments and prints them in the Prometheus exposition format 0.0.4. OpenTelemetry's exporter
/// (1.20.1-beta.1) does not print it: it leaves out every instrument that has measured nothing yet, histograms among
/// them, and writes <c>name{} 1</c> for <c>name 1</c>.
/// </summary>
internal sealed class Exposition : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Samples[] _samples;

    /// <param name="instruments">Printed in this order. What they measured before is not known.</param>
    public Exposition(IEnumerable<Instrument> instruments)
    {
        _listener.SetMeasurementEventCallback<long>(static (_, value, _, samples) => ((Number)samples!).Take(value));
        _listener.SetMeasurementEventCallback<double>(
            static (_, value, _, samples) => ((Durations)samples!).Take(value));
        _listener.Start();
        _samples = [.. instruments.Select(Listen)];
    }

    /// <summary>Asks the observable instruments, then prints all.</summary>
    public string Print()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder(4096);
        foreach (var samples in _samples) samples.Append(text);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private Samples Listen(Instrument instrument)
    {
        Samples samples = instrument is Histogram<double> histogram
            ? new Durations(histogram)
            : new Number(instrument);
        _listener.EnableMeasurementEvents(instrument, samples);
        return samples;
    }
}
