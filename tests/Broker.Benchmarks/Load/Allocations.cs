using System.Diagnostics.Tracing;
using System.Globalization;
using System.Text.Json;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Load;

/// <summary>
/// <c>allocations --pid PID</c>: what another .NET process has allocated on its managed heap since its start, and how
/// often it collected, as its runtime counts it. Read before and after a run; the difference is that of the run.
/// </summary>
/// <remarks>
/// The counters are those of the meter <c>System.Runtime</c> (.NET 9 and newer), which the process publishes in every
/// event of a session over its diagnostics socket. That a session is open costs the process a few kilobytes.
/// </remarks>
internal static class Allocations
{
    private const string Allocated = "dotnet.gc.heap.total_allocated";
    private const string Collections = "dotnet.gc.collections";

    public static int Run(string[] arguments)
    {
        var pid = int.Parse(
            Option(arguments, "--pid") ?? throw new ArgumentException("--pid PID is missing"),
            CultureInfo.InvariantCulture);
        var read = Read(pid);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            allocated = read.Allocated,
            gen0 = read.Gen0,
            gen1 = read.Gen1,
            gen2 = read.Gen2,
        }));
        return 0;
    }

    private static (double Allocated, double Gen0, double Gen1, double Gen2) Read(int pid)
    {
        var provider = new EventPipeProvider(
            "System.Diagnostics.Metrics", EventLevel.Informational, keywords: 0x2,
            new Dictionary<string, string>
            {
                ["SessionId"] = Guid.NewGuid().ToString(),
                ["Metrics"] = $"System.Runtime\\{Allocated},System.Runtime\\{Collections}",
                ["RefreshInterval"] = "1",
                ["MaxTimeSeries"] = "100",
                ["MaxHistograms"] = "1",
            });
        using var session = new DiagnosticsClient(pid).StartEventPipeSession([provider], requestRundown: false);
        using var events = new EventPipeEventSource(session.EventStream);
        Dictionary<string, double> values = [];
        var ending = Task.CompletedTask;
        events.Dynamic.All += e =>
        {
            if (e.EventName == "CounterRateValuePublished")
            {
                // The counters are cumulative; "value" is the total and "rate" what came since the last event.
                values[$"{e.PayloadByName("instrumentName")} {e.PayloadByName("tags")}"] = double.Parse(
                    (string)e.PayloadByName("value"), CultureInfo.InvariantCulture);
            }

            // All were published once. Stopping waits for the events to be read, which is done here.
            if (e.EventName == "Collection/Stop" && values.Count > 0 && ending.IsCompleted)
                ending = Task.Run(session.Stop);
        };
        events.Process();
        ending.Wait();
        double Of(string name, string tags) => values.GetValueOrDefault($"{name} {tags}");
        return (
            Of(Allocated, ""), Of(Collections, "gc.heap.generation=gen0"),
            Of(Collections, "gc.heap.generation=gen1"), Of(Collections, "gc.heap.generation=gen2"));
    }
}
