using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Broker.Metrics;

/// <summary>What one instrument has measured since the process started to listen.</summary>
internal abstract class Samples(Instrument instrument)
{
    protected Instrument Instrument => instrument;

    /// <summary>Appends help, type and samples.</summary>
    public abstract void Append(StringBuilder text);

    protected void AppendHead(StringBuilder text, string type) =>
        text.Append("# HELP ").Append(instrument.Name).Append(' ').Append(instrument.Description)
            .Append("\n# TYPE ").Append(instrument.Name).Append(' ').Append(type).Append('\n');
}

/// <summary>The sum of a counter, or the newest value of an observable instrument.</summary>
internal sealed class Number(Instrument instrument) : Samples(instrument)
{
    private long _value;

    public void Take(long value)
    {
        if (Instrument.IsObservable) Volatile.Write(ref _value, value);
        else Interlocked.Add(ref _value, value);
    }

    public override void Append(StringBuilder text)
    {
        AppendHead(text, Instrument is ObservableGauge<long> ? "gauge" : "counter");
        text.Append(Instrument.Name).Append(' ').Append(Volatile.Read(ref _value)).Append('\n');
    }
}

/// <summary>Durations in cumulative buckets, as Prometheus wants them.</summary>
internal sealed class Durations(Histogram<double> histogram) : Samples(histogram)
{
    private readonly double[] _bounds = [.. histogram.Advice!.HistogramBucketBoundaries!];
    private readonly long[] _counts = new long[histogram.Advice!.HistogramBucketBoundaries!.Count + 1];
    private long _ticks;

    public void Take(double seconds)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && seconds > _bounds[bucket]) bucket++;
        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _ticks, (long)(seconds * TimeSpan.TicksPerSecond));
    }

    public override void Append(StringBuilder text)
    {
        var name = Instrument.Name;
        AppendHead(text, "histogram");
        var total = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            total += Volatile.Read(ref _counts[bucket]);
            var bound = bucket < _bounds.Length ? _bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
            text.Append(name).Append("_bucket{le=\"").Append(bound).Append("\"} ").Append(total).Append('\n');
        }

        var sum = TimeSpan.FromTicks(Volatile.Read(ref _ticks)).TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
        text.Append(name).Append("_sum ").Append(sum).Append('\n');
        text.Append(name).Append("_count ").Append(total).Append('\n');
    }
}
