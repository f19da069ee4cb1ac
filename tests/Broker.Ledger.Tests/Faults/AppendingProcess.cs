using System.Diagnostics;
using Broker.Cryptography;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests.Faults;

/// <summary>
/// A process of its own that appends to a ledger from many tasks until it is killed. Each receipt that it was given
/// is a line on its standard output: <c>record id, base64(entry), base64(proof)</c>, parted by spaces.
/// </summary>
internal static class AppendingProcess
{
    private const int Clients = 24;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ["append", var file, var seed]) return 2;
        using var key = Ed25519SigningKey.FromSeed(Convert.FromHexString(seed));
        var options = new SqliteLedgerOptions { Path = file, Origin = LedgerFolder.Origin, Kinds = Entries.Kinds };
        var ledger = SqliteLedger.Open(options, key, TimeProvider.System);
        var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        await output.WriteLineAsync($"ready {ledger.Status.Size}");
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => AppendForeverAsync(ledger, client, output)));
        return 0;
    }

    public static Process Start(string file, string seed)
    {
        var start =
            new ProcessStartInfo("dotnet", ["exec", typeof(AppendingProcess).Assembly.Location, "append", file, seed])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
        return Process.Start(start)!;
    }

    private static async Task AppendForeverAsync(ReleaseLedger ledger, int client, TextWriter output)
    {
        for (var n = 0; ; n++)
        {
            var receipt = await ledger.AppendAsync(Entries.Granted(1000 * client + n), CancellationToken.None);
            var entry = Convert.ToBase64String(receipt.CanonicalEntry);
            var proof = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(receipt.Proof));
            await output.WriteLineAsync($"{receipt.RecordId} {entry} {proof}");
        }
    }
}
