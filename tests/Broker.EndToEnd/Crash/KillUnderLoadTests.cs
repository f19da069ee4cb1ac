using System.Globalization;
using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;
using Broker.Ledger.Notes;
using Xunit.Abstractions;

namespace Broker.EndToEnd.Crash;

/// <summary>
/// <c>kill -9</c> at random moments while many clients fetch credentials, again and again over the same files.
/// After each one the ledger's index is left alone, deleted, cut, overwritten or replaced by an older one.
/// <c>BROKER_CRASH_KILLS</c> says how often; <c>tests/crash/kill-under-load.sh</c> sets it to a hundred.
/// </summary>
public sealed class KillUnderLoadTests(ITestOutputHelper output) : IDisposable
{
    private const int UsualKills = 10;
    private const int LongestRoundMilliseconds = 1200;

    private readonly TemporaryFolder _folder = new();
    private readonly Secp256k1PrivateKey _wallet = Secp256k1PrivateKey.Generate();

    private static int Kills => Environment.GetEnvironmentVariable("BROKER_CRASH_KILLS") is { Length: > 0 } given
        ? int.Parse(given, CultureInfo.InvariantCulture)
        : UsualKills;

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_credential_that_a_client_received_is_on_record_after_kill_9()
    {
        var port = LoopbackPort.Free();
        var broker = await BrokerProcess.StartAsync(_folder.Path, port);
        try
        {
            using var client = new BrokerClient(broker.Address);
            var session = await client.SignInAsync(_wallet);
            NoteKey.TryParse((await client.GetTextAsync("ledger/vkey")).TrimEnd('\n'), out var key).ShouldBeTrue();
            var witness = new LedgerWitness(_folder.File("audit.sqlite"), key);

            var saboteur = new IndexSaboteur(_folder.File("audit-index.sqlite"));
            for (var kill = 1; kill <= Kills; kill++)
            {
                // The session of before the first kill serves throughout: its key and its state outlive the process.
                var clients = ConcurrentClients.RunAsync(broker.Address, session);
                await Task.Delay(RandomNumberGenerator.GetInt32(LongestRoundMilliseconds));
                await broker.KillAsync();
                var received = await clients;
                await broker.DisposeAsync();

                var index = saboteur.Strike();

                // Starting is opening the ledger as the kill left it; nobody repairs anything in between.
                broker = await BrokerProcess.StartAsync(_folder.Path, port);
                witness.CheckRound(received);
                witness.Faults.ShouldBeEmpty($"after kill {kill}, the index {index}");
            }

            await broker.StopAsync();
            witness.CheckAll();
            witness.Faults.ShouldBeEmpty();
            witness.Credentials.ShouldBeGreaterThan(0);
            output.WriteLine(
                $"{Kills} kills, {witness.Credentials} credentials received, {witness.Checkpoints} checkpoints seen: "
                + $"all on record, found and consistent; the index: {saboteur.Summary}");
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }
}
