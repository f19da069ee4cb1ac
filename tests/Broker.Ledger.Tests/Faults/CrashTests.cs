using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;
using Xunit.Abstractions;

namespace Broker.Ledger.Tests.Faults;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int DefaultKills = 20;

    /// <summary>How often to kill; more by <c>BROKER_CRASH_KILLS</c>.</summary>
    private static int Kills { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("BROKER_CRASH_KILLS"), out var wanted) ? wanted : DefaultKills;

    [Fact]
    public async Task Whatever_a_killed_process_promised_is_on_record_and_provable()
    {
        using var folder = new LedgerFolder();
        var seed = RandomNumberGenerator.GetHexString(64, lowercase: true);
        using var key = Ed25519SigningKey.FromSeed(Convert.FromHexString(seed));
        var logKey = new NoteKey(LedgerFolder.Origin, NoteKeyType.Ed25519, key.VerifyingKey);
        var promised = 0;

        for (var kill = 0; kill < Kills; kill++)
        {
            // Most kills fall among commits; every fourth may fall before the first one.
            var lines = await RunAndKillAsync(folder.File, seed, waitForCommit: kill % 4 != 0);

            // Opening is all the repair there is.
            await using (var ledger = SqliteLedger.Open(folder.Options, key, TimeProvider.System))
            {
                foreach (var line in lines) CheckPromise(ledger, logKey, line);
            }

            promised += lines.Count;
        }

        promised.ShouldBeGreaterThan(Kills);
        var report = folder.Verify(logKey);
        report.Findings.ShouldBeEmpty();
        report.Rows.ShouldBeGreaterThanOrEqualTo(promised);
        output.WriteLine(
            $"{Kills} kills, {promised} receipts given before them, " +
            $"{report.Rows} rows, {report.Checkpoints} checkpoints");
    }

    private static async Task<List<string>> RunAndKillAsync(string file, string seed, bool waitForCommit)
    {
        using var process = AppendingProcess.Start(file, seed);
        (await process.StandardOutput.ReadLineAsync()).ShouldNotBeNull().ShouldStartWith("ready ");
        var first = waitForCommit ? await process.StandardOutput.ReadLineAsync() + "\n" : "";
        var reading = process.StandardOutput.ReadToEndAsync();
        await Task.Delay(RandomNumberGenerator.GetInt32(5, 250));
        process.Kill();
        await process.WaitForExitAsync();
        var text = first + await reading;

        // The last line may be cut off: only a whole line reached the client.
        var lines = text.Split('\n').ToList();
        lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    private static void CheckPromise(ReleaseLedger ledger, NoteKey key, string line)
    {
        var parts = line.Split(' ');
        var entry = Convert.FromBase64String(parts[1]);
        var row = ledger.Reader.Find(parts[0]).ShouldNotBeNull($"{parts[0]} was promised");
        row.ToCanonicalBytes().ShouldBe(entry);

        // The receipt that the client holds, and a new one under the newest checkpoint.
        InclusionReceipt.TryParse(
            Encoding.UTF8.GetString(Convert.FromBase64String(parts[2])), out var held).ShouldBeTrue();
        held!.FindFault(entry, key).ShouldBeNull();
        InclusionReceipt.TryParse(ledger.Reader.Receipt(row.Index)!, out var fresh).ShouldBeTrue();
        fresh!.FindFault(entry, key).ShouldBeNull();

        var proof = ledger.Reader.Consistency(held.Checkpoint.Size, fresh.Checkpoint.Size).ShouldNotBeNull();
        proof.OldRoot.ShouldBe(held.Checkpoint.Root);
        proof.NewRoot.ShouldBe(fresh.Checkpoint.Root);
        proof.Holds.ShouldBeTrue();
    }
}
