using System.Globalization;
using System.Text;

namespace Broker.Metrics;

/// <summary>
/// Something that is counted, in the Prometheus exposition format 0.0.4. Without labels: numbers only, nothing that
/// could name a person.
/// </summary>
internal interface IMetric
{
    string Name { get; }

    /// <summary>Appends its help, its type and its samples.</summary>
    void Append(StringBuilder text);
}

/// <summary>A number that only grows.</summary>
internal sealed class Counter(string name, string help) : IMetric
{
    private long _value;

    public string Name => name;

    public long Value => Volatile.Read(ref _value);

    public void Add() => Interlocked.Increment(ref _value);

    public void Append(StringBuilder text) => Exposition.Append(text, name, help, "counter", Value);
}

/// <summary>A number that another part of the house knows.</summary>
/// <param name="type"><c>gauge</c> or <c>counter</c>.</param>
internal sealed class Reading(string name, string help, string type, Func<long> read) : IMetric
{
    public string Name => name;

    public void Append(StringBuilder text) => Exposition.Append(text, name, help, type, read());
}

/// <summary>Durations in cumulative buckets, as Prometheus wants them.</summary>
internal sealed class Histogram(string name, string help) : IMetric
{
    /// <summary>Upper bounds in seconds.</summary>
    private static readonly double[] Bounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private long _ticks;

    public string Name => name;

    public void Observe(TimeSpan duration)
    {
        var bucket = Array.FindIndex(Bounds, bound => duration.TotalSeconds <= bound);
        Interlocked.Increment(ref _counts[bucket < 0 ? Bounds.Length : bucket]);
        Interlocked.Add(ref _ticks, duration.Ticks);
    }

    public void Append(StringBuilder text)
    {
        Exposition.AppendHead(text, name, help, "histogram");
        var total = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            total += Volatile.Read(ref _counts[bucket]);
            var bound = bucket < Bounds.Length ? Bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
            text.Append(name).Append("_bucket{le=\"").Append(bound).Append("\"} ").Append(total).Append('\n');
        }

        var sum = TimeSpan.FromTicks(Volatile.Read(ref _ticks)).TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
        text.Append(name).Append("_sum ").Append(sum).Append('\n');
        text.Append(name).Append("_count ").Append(total).Append('\n');
    }
}
