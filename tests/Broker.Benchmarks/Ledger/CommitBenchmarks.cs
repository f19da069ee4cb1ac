using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Broker.Cryptography;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;

namespace Broker.Benchmarks.Ledger;

/// <summary>
/// What it takes until a crowd of concurrent appends is durable (<c>synchronous=FULL</c>, on the disk of the temporary
/// folder).
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Monitoring, warmupCount: 5, iterationCount: 100)]
public class CommitBenchmarks
{
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();
    private string _folder = "";
    private ReleaseLedger _ledger = null!;
    private long _next;

    [Params(1, 8, 64, 512)]
    public int Concurrent { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("ledger-bench-").FullName;
        var options =
            new SqliteLedgerOptions
            {
                Path = Path.Combine(_folder, "audit.sqlite"),
                Origin = "broker.example/ledger",
                Kinds = SampleEntries.Kinds,
            };
        _ledger = SqliteLedger.Open(options, _key, TimeProvider.System);
    }

    [GlobalCleanup]
    public void Close()
    {
        _ledger.DisposeAsync().AsTask().Wait();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public async Task Append()
    {
        var appends = new Task[Concurrent];
        for (var i = 0; i < appends.Length; i++)
        {
            appends[i] = _ledger.AppendAsync(SampleEntries.Make(_next++), CancellationToken.None).AsTask();
        }

        await Task.WhenAll(appends);
    }
}
