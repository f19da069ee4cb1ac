using System.Diagnostics;

namespace Broker.Fuzz;

/// <summary>Feeds one target, with a watchdog beside it, and stops at the first finding.</summary>
internal sealed class FuzzRun(IFuzzTarget target, int seed, string findings)
{
    /// <summary>
    /// Far above what the slowest input takes on a busy machine; reaching it means that it does not end.
    /// </summary>
    private static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(20);

    private byte[] _current = [];
    private long _startedAt;

    /// <summary>Runs the seeds and then mutations of them; null when nothing was found.</summary>
    public FuzzResult Execute(long executions)
    {
        var corpus = target.Seeds().DistinctBy(Convert.ToHexString).ToList();
        var mutator = new Mutator(seed);
        var elapsed = Stopwatch.StartNew();
        using var watchdog = new Timer(_ => StopHang(), null, HangAfter, TimeSpan.FromSeconds(1));

        // What is made once per process (tables, delegates, pools) is not what an input costs.
        foreach (var input in corpus) target.Execute((byte[])input.Clone());

        var worst = 0L;
        for (var execution = 0L; execution < executions; execution++)
        {
            var input = execution < corpus.Count ? corpus[(int)execution] : mutator.Mutate(corpus);
            if (ExecuteOne(input, out var allocated) is { } fault)
            {
                return new FuzzResult(
                    target.Name, corpus.Count, execution + 1, elapsed.Elapsed, worst, Report(input, fault));
            }

            worst = Math.Max(worst, allocated);
        }

        Volatile.Write(ref _startedAt, 0);
        return new FuzzResult(target.Name, corpus.Count, executions, elapsed.Elapsed, worst, null);
    }

    private string? ExecuteOne(byte[] input, out long allocated)
    {
        _current = input;
        Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Execute(input);
        }
        catch (Exception fault)
        {
            allocated = 0;
            return fault.ToString();
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var bound = target.AllocationBound(input.Length);
        return allocated > bound ? $"allocated {allocated} bytes for {input.Length}; the bound is {bound}" : null;
    }

    private void StopHang()
    {
        var startedAt = Volatile.Read(ref _startedAt);
        if (startedAt == 0 || Stopwatch.GetElapsedTime(startedAt) < HangAfter) return;
        Console.Error.WriteLine(Report(_current, $"no end within {HangAfter}"));
        Environment.Exit(1);
    }

    private string Report(byte[] input, string fault)
    {
        Directory.CreateDirectory(findings);
        var path = Path.Combine(findings, $"{target.Name}-{Guid.NewGuid():N}.bin");
        File.WriteAllBytes(path, input);
        return $"{target.Name}: input kept in {path}\n{fault}";
    }
}

/// <param name="WorstAllocation">The most bytes that one input allocated.</param>
/// <param name="Finding">What went wrong and where the input is; null when nothing did.</param>
internal sealed record FuzzResult(
    string Target, int Seeds, long Executions, TimeSpan Elapsed, long WorstAllocation, string? Finding);
