using Broker.Cryptography;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests.Notes;

/// <summary>A log's key vouches for the next one, and nobody else can.</summary>
public sealed class KeySuccessionTests : IDisposable
{
    private const string Origin = "log.example/ledger";
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    private readonly Ed25519SigningKey _first = Ed25519SigningKey.Generate();
    private readonly Ed25519SigningKey _second = Ed25519SigningKey.Generate();
    private readonly Ed25519SigningKey _third = Ed25519SigningKey.Generate();

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _third.Dispose();
    }

    [Fact]
    public void A_note_reads_back_and_is_no_checkpoint()
    {
        var note = KeySuccession.Sign(Origin, _first, _second, At);

        KeySuccession.TryParse(note, out var read).ShouldBeTrue();

        read!.Origin.ShouldBe(Origin);
        read.Former.ToString().ShouldBe(KeyOf(_first).ToString());
        read.Successor.ToString().ShouldBe(KeyOf(_second).ToString());
        read.At.ShouldBe(At);
        SignedNote.TryParse(note, out var signed).ShouldBeTrue();
        Checkpoint.TryParse(signed!.Text, out _).ShouldBeFalse();
    }

    [Fact]
    public void Trust_goes_from_key_to_key_in_any_order_and_not_back()
    {
        KeySuccession[] notes = [Read(_second, _third), Read(_first, _second)];

        Names(KeySuccession.Trusted([KeyOf(_first)], notes)).ShouldBe(Names([KeyOf(_first), KeyOf(_second), KeyOf(_third)]));
        Names(KeySuccession.Trusted([KeyOf(_third)], notes)).ShouldBe(Names([KeyOf(_third)]));
        Names(KeySuccession.Trusted([KeyOf(_first)], [notes[0]])).ShouldBe(Names([KeyOf(_first)]));
    }

    [Fact]
    public void A_note_without_the_old_or_the_new_signature_is_none()
    {
        var lines = KeySuccession.Sign(Origin, _first, _second, At).Split('\n');

        // Text of five lines, an empty one, two signatures.
        foreach (var missing in (int[])[6, 7])
        {
            var note = string.Join('\n', lines.Where((_, i) => i != missing));
            KeySuccession.TryParse(note, out _).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("log.example", "other.example")]
    [InlineData("succession/v1", "succession/v2")]
    [InlineData("1790000000", "1790000001")]
    public void A_note_that_was_edited_is_none(string from, string to)
    {
        var note = KeySuccession.Sign(Origin, _first, _second, At);
        var text = note[..note.IndexOf("\n\n", StringComparison.Ordinal)];

        KeySuccession.TryParse(text.Replace(from, to, StringComparison.Ordinal) + note[text.Length..], out _)
            .ShouldBeFalse();
    }

    [Fact]
    public async Task A_ledger_changes_its_key_while_it_is_written()
    {
        using var folder = new LedgerFolder();
        var (old, next) = (new NoteKey(LedgerFolder.Origin, NoteKeyType.Ed25519, folder.Key.VerifyingKey),
            new NoteKey(LedgerFolder.Origin, NoteKeyType.Ed25519, _second.VerifyingKey));
        await using (var ledger = folder.Open())
        {
            var before = await ledger.AppendAsync(Entries.Granted(1), CancellationToken.None);
            ledger.SignWith(new CheckpointSigners(LedgerFolder.Origin, [_second, folder.Key]));
            var both = await ledger.AppendAsync(Entries.Granted(2), CancellationToken.None);
            ledger.SignWith(new CheckpointSigners(LedgerFolder.Origin, [_second], [folder.Key.VerifyingKey]));
            var after = await ledger.AppendAsync(Entries.Granted(3), CancellationToken.None);

            before.FaultOf(old).ShouldBeNull();
            before.FaultOf(next).ShouldNotBeNull();
            both.FaultOf(old).ShouldBeNull();
            both.FaultOf(next).ShouldBeNull();
            after.FaultOf(old).ShouldNotBeNull();
            after.FaultOf(next).ShouldBeNull();
            ledger.VerifierKey.ToString().ShouldBe(next.ToString());
        }

        // The store names both; a process that knows only the old one does not write under it.
        Should.Throw<LedgerOpenException>(() => folder.Open()).Fault.ShouldBe(LedgerOpenFault.OtherKey);
        var report = folder.Verify(old, next);
        report.IsSound.ShouldBeTrue();
        report.Signatures.ShouldBe(3);
    }

    private static NoteKey KeyOf(Ed25519SigningKey key) => new(Origin, NoteKeyType.Ed25519, key.VerifyingKey);

    private static KeySuccession Read(Ed25519SigningKey former, Ed25519SigningKey successor) =>
        KeySuccession.TryParse(KeySuccession.Sign(Origin, former, successor, At), out var read)
            ? read
            : throw new InvalidOperationException("the note does not read back");

    private static List<string> Names(IEnumerable<NoteKey> keys) => [.. keys.Select(key => key.ToString()).Order()];
}
