using Broker.Cryptography;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests.Notes;

public sealed class SignedNoteTests
{
    // The example of C2SP signed-note.
    private const string ExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string ExampleNote =
        "This is an example message.\n\n\u2014 example.com/foo " +
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    [Fact]
    public void Verifies_the_example_of_the_specification()
    {
        NoteKey.TryParse(ExampleKey, out var key).ShouldBeTrue();
        SignedNote.TryParse(ExampleNote, out var note).ShouldBeTrue();

        key!.ToString().ShouldBe(ExampleKey);
        note!.Text.ShouldBe("This is an example message.\n");
        note.Verify(key).ShouldBe(NoteVerdict.Signed);
    }

    [Fact]
    public void A_changed_text_is_forged_and_another_key_has_not_signed()
    {
        NoteKey.TryParse(ExampleKey, out var key).ShouldBeTrue();
        SignedNote.TryParse(
            ExampleNote.Replace("an example", "no example", StringComparison.Ordinal), out var changed).ShouldBeTrue();
        SignedNote.TryParse(ExampleNote, out var note).ShouldBeTrue();
        using var other = Ed25519SigningKey.Generate();

        changed!.Verify(key!).ShouldBe(NoteVerdict.Forged);
        note!.Verify(
            new NoteKey("example.com/foo", NoteKeyType.Ed25519, other.VerifyingKey)).ShouldBe(NoteVerdict.NotSigned);
        note.Verify(new NoteKey("example.com/bar", NoteKeyType.Ed25519, key!.Key)).ShouldBe(NoteVerdict.NotSigned);
    }

    [Theory]
    [InlineData("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+BekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2l")]
    [InlineData("example.com/foo+530d903a")]
    [InlineData("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("")]
    public void Refuses_a_vkey_whose_parts_do_not_belong_together(string text) =>
        NoteKey.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("no signature\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n- example.com/foo AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 example.com/foo AAAA\n")]
    [InlineData("text\n\n\u2014 example.com/foo AAAAAAA=\u2014\n")]
    [InlineData("text\n\n\u2014 example.com/foo  AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 exam+ple AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 example.com/foo AAAAAAAA")]
    [InlineData("te\txt\n\n\u2014 example.com/foo AAAAAAAA\n")]
    [InlineData("text\r\n\n\u2014 example.com/foo AAAAAAAA\n")]
    public void Refuses_what_is_no_note(string text) => SignedNote.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_text_ends_at_the_last_empty_line()
    {
        using var key = Ed25519SigningKey.Generate();
        var signer = new NoteSigner("example.com/log", key);

        SignedNote.TryParse(signer.Sign("one\n\ntwo\n"), out var note).ShouldBeTrue();

        note!.Text.ShouldBe("one\n\ntwo\n");
        note.Verify(signer.VerifierKey).ShouldBe(NoteVerdict.Signed);
    }

    [Fact]
    public void Reads_the_checkpoint_of_the_specification()
    {
        const string text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

        Checkpoint.TryParse(text, out var checkpoint).ShouldBeTrue();

        checkpoint!.Origin.ShouldBe("example.com/behind-the-sofa");
        checkpoint.Size.ShouldBe(20852163);
        checkpoint.ToText().ShouldBe(text);
        Checkpoint.TryParse(text + "extension\n", out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")]
    [InlineData("o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n")]
    [InlineData("o\n1\nCsUYapGGPo4=\n")]
    [InlineData("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n")]
    public void Refuses_what_is_no_checkpoint(string text) => Checkpoint.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_cosignature_covers_time_and_checkpoint()
    {
        using var log = Ed25519SigningKey.Generate();
        using var witness = Ed25519SigningKey.Generate();
        var signer = new NoteSigner("example.com/log", log);
        var signed = signer.Sign(new Checkpoint("example.com/log", 7, TreeHasher.Empty).ToText());
        SignedNote.TryParse(signed, out var note).ShouldBeTrue();
        var now = DateTimeOffset.FromUnixTimeSeconds(1_679_315_147);
        var witnessKey = new NoteKey("witness.example/w1", NoteKeyType.CosignatureV1, witness.VerifyingKey);

        var line = Cosignature.Sign("witness.example/w1", witness, note!.Text, now);
        SignedNote.TryParse(signed + line, out var cosigned).ShouldBeTrue();

        cosigned!.Verify(signer.VerifierKey).ShouldBe(NoteVerdict.Signed);
        cosigned.Verify(witnessKey).ShouldBe(NoteVerdict.Signed);
        Cosignature.TimeOf(cosigned.Signatures[1]).ShouldBe(now);
        var changed = (signed + line).Replace("\n7\n", "\n8\n", StringComparison.Ordinal);
        SignedNote.TryParse(changed, out var forged).ShouldBeTrue();
        forged!.Verify(witnessKey).ShouldBe(NoteVerdict.Forged);
    }

    /// <summary>C2SP signed-note: a key name is not empty and has neither Unicode spaces nor a plus.</summary>
    [Theory]
    [InlineData("broker.example/ledger", true)]
    [InlineData("лог.example", true)]
    [InlineData("log-\U0001F4DC.example", true)]
    [InlineData("", false)]
    [InlineData("a+b", false)]
    [InlineData("a b", false)]
    [InlineData("a\u00A0b", false)]
    [InlineData("a\u2028b", false)]
    public void A_key_name_is_any_text_without_spaces_and_plus(string name, bool accepted) =>
        NoteKey.IsName(name).ShouldBe(accepted);
}
