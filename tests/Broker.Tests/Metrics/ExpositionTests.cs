using System.Diagnostics.Metrics;
using Broker.Metrics;

namespace Broker.Tests.Metrics;

/// <summary>What Prometheus reads (its exposition format 0.0.4), from instruments of the framework.</summary>
public sealed class ExpositionTests : IDisposable
{
    private readonly Meter _meter = new(BrokerMeter.Name);

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Instruments_are_printed_in_their_order_also_before_their_first_measurement()
    {
        var grants = _meter.Counter("x_grants_total", "Grants.");
        var took = _meter.Durations("x_seconds", "Time.");
        using var exposition = new Exposition(
            [grants, _meter.Counter("x_writes_total", "Writes.", () => 7), took, _meter.Gauge("x_free", "Free.", () => 5)]);

        const string Untouched = """
            # HELP x_grants_total Grants.
            # TYPE x_grants_total counter
            x_grants_total 0
            # HELP x_writes_total Writes.
            # TYPE x_writes_total counter
            x_writes_total 7
            # HELP x_seconds Time.
            # TYPE x_seconds histogram
            x_seconds_bucket{le="0.001"} 0
            x_seconds_bucket{le="0.0025"} 0
            x_seconds_bucket{le="0.005"} 0
            x_seconds_bucket{le="0.01"} 0
            x_seconds_bucket{le="0.025"} 0
            x_seconds_bucket{le="0.05"} 0
            x_seconds_bucket{le="0.1"} 0
            x_seconds_bucket{le="0.25"} 0
            x_seconds_bucket{le="0.5"} 0
            x_seconds_bucket{le="1"} 0
            x_seconds_bucket{le="2.5"} 0
            x_seconds_bucket{le="5"} 0
            x_seconds_bucket{le="10"} 0
            x_seconds_bucket{le="+Inf"} 0
            x_seconds_sum 0
            x_seconds_count 0
            # HELP x_free Free.
            # TYPE x_free gauge
            x_free 5

            """;
        exposition.Print().ShouldBe(Untouched);

        grants.Add(1);
        grants.Add(1);
        took.Record(0.001);
        took.Record(0.2);
        took.Record(11.5);
        var text = exposition.Print();
        text.ShouldContain("\nx_grants_total 2\n");
        text.ShouldContain("\nx_writes_total 7\n");
        text.ShouldContain("_bucket{le=\"0.001\"} 1\n");
        text.ShouldContain("_bucket{le=\"0.1\"} 1\n");
        text.ShouldContain("_bucket{le=\"0.25\"} 2\n");
        text.ShouldContain("_bucket{le=\"10\"} 2\n");
        text.ShouldContain("_bucket{le=\"+Inf\"} 3\nx_seconds_sum 11.701\nx_seconds_count 3\n");
    }

    [Fact]
    public void Another_process_part_with_a_meter_of_the_same_name_counts_apart()
    {
        using var other = new Meter(BrokerMeter.Name);
        var grants = _meter.Counter("x_grants_total", "Grants.");
        using var exposition = new Exposition([grants]);

        other.Counter("x_grants_total", "Grants.").Add(1);

        exposition.Print().ShouldContain("\nx_grants_total 0\n");
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var grants = _meter.Counter("x_grants_total", "Grants.");
        var took = _meter.Durations("x_seconds", "Time.");
        using var exposition = new Exposition([grants, took]);
        grants.Add(1);
        took.Record(1);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 1000; n++)
        {
            grants.Add(1);
            took.Record(1);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
