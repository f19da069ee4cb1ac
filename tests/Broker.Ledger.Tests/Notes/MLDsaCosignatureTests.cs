using Broker.Cryptography;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests.Notes;

/// <summary>ML-DSA-44 cosignatures (C2SP tlog-cosignature), by other people's programs and by the tests' own.</summary>
public sealed class MLDsaCosignatureTests
{
    private const long Time = 1_679_315_147;

    private static readonly string Text = new Checkpoint("log.example", 7, TreeHasher.Leaf("entry"u8)).ToText();

    private readonly MLDsaCosigner _witness = new("witness.example/pq1");

    /// <summary>
    /// Torchwood's log signs its own checkpoints this way, without a time; the test data of its witness have one.
    /// </summary>
    [Fact]
    public void Verifies_the_checkpoint_of_torchwoods_log()
    {
        var (key, note) = Read("torchwood-mldsa-log.txt");

        key.Type.ShouldBe(NoteKeyType.MLDsa44Cosignature);
        key.Label.ShouldBe("example.com/mldsa-log+b5df45c5");
        note.Verify(key).ShouldBe(NoteVerdict.Signed);
        Cosignature.TimeOf(note.Signatures.ShouldHaveSingleItem()).ShouldBeNull();
        Checkpoint.TryParse(note.Text, out var checkpoint).ShouldBeTrue();
        checkpoint!.Root.ShouldBe(TreeHasher.Leaf("testonly"u8));
    }

    /// <summary>Made once by tests/interop/mldsa-cosigner.mjs, under the checkpoint of the specification.</summary>
    [Fact]
    public void Verifies_a_cosignature_of_nobles()
    {
        var (key, note) = Read("noble-mldsa-witness.txt");

        note.Verify(key).ShouldBe(NoteVerdict.Signed);
        Cosignature.TimeOf(note.Signatures[^1]).ShouldBe(DateTimeOffset.FromUnixTimeSeconds(Time));
    }

    [Theory]
    [InlineData("torchwood-mldsa-log.txt", "\n1\n", "\n2\n")]
    [InlineData("torchwood-mldsa-log.txt", "+zoErts", "+zoErtt")]
    [InlineData("torchwood-mldsa-log.txt", "example.com/mldsa-log\n", "example.com/other-log\n")]
    [InlineData("noble-mldsa-witness.txt", "\n20852163\n", "\n20852164\n")]
    [InlineData("noble-mldsa-witness.txt", "\nCsUYapGG", "\nCsUYapGH")]
    [InlineData("noble-mldsa-witness.txt", "example.com/behind-the-sofa\n20", "example.com/before-the-sofa\n20")]
    public void Another_size_root_or_origin_is_not_what_was_signed(string file, string old, string changed)
    {
        var (key, note) = Read(file, (old, changed));

        note.Verify(key).ShouldBe(NoteVerdict.Forged);
    }

    [Fact]
    public void The_time_and_the_cosigners_name_are_signed_too()
    {
        var key = Key(_witness.Vkey)!;

        Note(_witness.Cosign(Text, Time)).Verify(key).ShouldBe(NoteVerdict.Signed);
        Note(_witness.Cosign(Text, Time, signedName: "witness.example/pq2")).Verify(key).ShouldBe(NoteVerdict.Forged);
        var later = Changed(_witness.Cosign(Text, Time), bytes => bytes[4 + 7] ^= 1);
        Note(later).Verify(key).ShouldBe(NoteVerdict.Forged);

        // The name is part of the key's id, so under another name it is another key's signature.
        var renamed = Key(_witness.VkeyOf("witness.example/pq2"))!;
        Note(_witness.Cosign(Text, Time)).Verify(renamed).ShouldBe(NoteVerdict.NotSigned);
        renamed.HasKeyOf(key).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(500)]
    [InlineData(2400)]
    public void A_flipped_bit_of_the_signature_spoils_it(int octet) =>
        Note(Changed(_witness.Cosign(Text, Time), bytes => bytes[4 + 8 + octet] ^= 0x10))
            .Verify(Key(_witness.Vkey)!).ShouldBe(NoteVerdict.Forged);

    [Theory]
    [InlineData(1)]
    [InlineData(2420)]
    [InlineData(2427)]
    public void A_shorter_signature_is_none(int less)
    {
        var line = Changed(_witness.Cosign(Text, Time), bytes => { }, less);

        Note(line).Verify(Key(_witness.Vkey)!).ShouldBe(NoteVerdict.Forged);
        Cosignature.TimeOf(Note(line).Signatures[0]).ShouldBeNull();
    }

    /// <summary>"These two values MAY be zero", which leaves the time unsaid; and it MUST NOT exceed 2^63-1.</summary>
    [Fact]
    public void The_time_may_be_left_out_and_is_never_negative()
    {
        var key = Key(_witness.Vkey)!;
        var without = Note(_witness.Cosign(Text, 0));

        without.Verify(key).ShouldBe(NoteVerdict.Signed);
        Cosignature.TimeOf(without.Signatures[0]).ShouldBeNull();
        Note(_witness.Cosign(Text, long.MaxValue)).Verify(key).ShouldBe(NoteVerdict.Signed);
        Note(_witness.Cosign(Text, -1)).Verify(key).ShouldBe(NoteVerdict.Forged);
    }

    /// <summary>"checkpoint extension lines are not included in the signed message"</summary>
    [Fact]
    public void Extension_lines_are_not_signed_and_what_is_no_checkpoint_cannot_be()
    {
        var line = _witness.Cosign(Text, Time);
        var key = Key(_witness.Vkey)!;

        SignedNote.TryParse($"{Text}extension\n\n{line}", out var extended).ShouldBeTrue();
        SignedNote.TryParse($"no checkpoint\n\n{line}", out var other).ShouldBeTrue();

        extended!.Verify(key).ShouldBe(NoteVerdict.Signed);
        other!.Verify(key).ShouldBe(NoteVerdict.Forged);
    }

    /// <summary>cosigner_name and log_origin are opaque&lt;1..2^8-1&gt;.</summary>
    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void Names_and_origins_have_at_most_255_bytes(int length, bool accepted)
    {
        var name = new string('n', length - 2) + "\u00e9";
        var key = Key(_witness.VkeyOf(name), isKey: accepted);
        var origin = new Checkpoint(name, 7, TreeHasher.Empty).ToText();
        if (!accepted)
        {
            // Nobody can sign it, so whoever claims to have is wrong.
            SignedNote.TryParse($"{origin}\n{_witness.Cosign(Text, Time)}", out var note).ShouldBeTrue();
            note!.Verify(Key(_witness.Vkey)!).ShouldBe(NoteVerdict.Forged);
            return;
        }

        var long255 = new MLDsaCosigner(name);
        SignedNote.TryParse($"{origin}\n{long255.Cosign(origin, Time)}", out var signed).ShouldBeTrue();
        signed!.Verify(Key(long255.Vkey)!).ShouldBe(NoteVerdict.Signed);
        key!.Name.ShouldBe(name);
    }

    [Fact]
    public void A_vkey_is_read_and_written_and_has_one_size()
    {
        var vkey = _witness.Vkey;
        var material = Convert.FromBase64String(vkey.Split('+', 3)[2]);

        Key(vkey)!.ToString().ShouldBe(vkey);
        Key(vkey)!.Key.ShouldBeOfType<MLDsa44VerifyingKey>().Bytes.ToArray().ShouldBe(material[1..]);
        foreach (var wrong in (byte[][])[material[..^1], [.. material, 0], [0x04, .. material[1..]], [0x06]])
            NoteKey.TryParse(Vkey("n", wrong), out _).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => new NoteKey("n", NoteKeyType.CosignatureV1, Key(vkey)!.Key));
        Should.Throw<ArgumentException>(() => new NoteKey("n", (NoteKeyType)0x05, Key(vkey)!.Key));
    }

    /// <summary>
    /// As many witnesses as BROKER_LEDGER_WITNESSES can name, with the longest names, in a receipt of a log whose next
    /// key signs already.
    /// </summary>
    [Fact]
    public void A_note_and_a_receipt_hold_63_of_them()
    {
        using var log = Ed25519SigningKey.Generate();
        var signer = new NoteSigner("log.example/" + new string('l', 243), log);
        var name = new string('n', 252);
        var signed = signer.Sign(new Checkpoint(signer.VerifierKey.Name, long.MaxValue, TreeHasher.Empty).ToText());
        var others = Enumerable.Range(0, 62).Select(
            n => $"\u2014 {name}{n:d3} {Convert.ToBase64String(new byte[4 + 8 + 2420])}\n");
        SignedNote.TryParse(signed, out var alone).ShouldBeTrue();
        using var next = Ed25519SigningKey.Generate();
        var follows = new NoteSigner(signer.VerifierKey.Name, next);
        var note = signed + follows.SignatureLine(alone!.Text) + string.Concat(others)
            + _witness.Cosign(alone.Text, Time);

        SignedNote.TryParse(note, out var full).ShouldBeTrue();
        InclusionReceipt.TryParse(
            InclusionReceipt.Format(long.MaxValue - 1, new MerkleHash[63], note), out var receipt).ShouldBeTrue();

        full!.Signatures.Count.ShouldBe(65);
        full.Verify(follows.VerifierKey).ShouldBe(NoteVerdict.Signed);
        full.Verify(Key(_witness.Vkey)!).ShouldBe(NoteVerdict.Signed);
        receipt!.FindCheckpointFault(signer.VerifierKey).ShouldBeNull();
    }

    private static NoteKey? Key(string vkey, bool isKey = true)
    {
        NoteKey.TryParse(vkey, out var key).ShouldBe(isKey);
        return key;
    }

    private static string Vkey(string name, byte[] material)
    {
        var id = System.Security.Cryptography.SHA256.HashData(
            [.. System.Text.Encoding.UTF8.GetBytes(name + "\n"), .. material]).AsSpan(0, 4);
        return $"{name}+{Convert.ToHexStringLower(id)}+{Convert.ToBase64String(material)}";
    }

    private static SignedNote Note(string line)
    {
        SignedNote.TryParse($"{Text}\n{line}", out var note).ShouldBeTrue();
        return note!;
    }

    private static string Changed(string line, Action<byte[]> change, int less = 0)
    {
        var parts = line.TrimEnd('\n').Split(' ');
        var bytes = Convert.FromBase64String(parts[2]);
        change(bytes);
        return $"{parts[0]} {parts[1]} {Convert.ToBase64String(bytes.AsSpan(0, bytes.Length - less))}\n";
    }

    /// <summary>A file with a vkey in its first line, and the note that the key signed.</summary>
    private static (NoteKey Key, SignedNote Note) Read(string file, (string Old, string Changed)? change = null)
    {
        var path = Path.Combine(Fixtures.RepositoryRoot, "tests", "Broker.Ledger.Tests", "Notes", file);
        var lines = File.ReadAllText(path).Split('\n', 2);
        var text = lines[1];
        if (change is var (old, changed))
        {
            text.ShouldContain(old);
            text = text.Replace(old, changed, StringComparison.Ordinal);
        }

        SignedNote.TryParse(text, out var note).ShouldBeTrue();
        return (Key(lines[0])!, note!);
    }
}
