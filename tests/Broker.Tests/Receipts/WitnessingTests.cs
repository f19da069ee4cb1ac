using Broker.Ledger.Notes;
using Broker.Tests.Hosting;

namespace Broker.Tests.Receipts;

/// <summary>Witnesses that are out of order for a while are asked again until each has answered (case 13).</summary>
public sealed class WitnessingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new();

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Every_witness_is_asked_again_until_it_has_cosigned_the_newest_checkpoint(int status)
    {
        var log = await MakeLedgerAsync();
        await using var ready = await WitnessPeer.StartAsync("ready.example", log);
        await using var late = await WitnessPeer.StartAsync("late.example", log, status);
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", _folder.Path), ("BROKER_LEDGER_WITNESSES", $"{ready.Setting},{late.Setting}"));

        // Nothing is appended any more.
        await Eventually.HoldsAsync(() => late.Questions > 1, Patience);
        var note = "";
        await Eventually.AsksAsync(
            () => broker.GetAsync("/ledger/checkpoint/witnessed"), answer => IsBy(note = answer.Text, ready, late));

        note.ShouldStartWith((await broker.GetAsync("/ledger/checkpoint")).Text);
        ready.Questions.ShouldBe(1);
    }

    // The key of the ledger is made at the first start.
    private async Task<NoteKey> MakeLedgerAsync()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_DATA_DIR", _folder.Path));
        await broker.SignInAsync(_wallet);
        NoteKey.TryParse((await broker.GetAsync("/ledger/vkey")).Text.Trim(), out var log).ShouldBeTrue();
        return log!;
    }

    private static bool IsBy(string note, params WitnessPeer[] witnesses) =>
        SignedNote.TryParse(note, out var signed)
        && witnesses.All(witness => signed.Verify(witness.Key) == NoteVerdict.Signed);
}
