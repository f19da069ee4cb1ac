using System.Text;
using Broker.Cryptography;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests.Notes;

/// <summary>The productions of C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof.</summary>
public sealed class NoteGrammarTests : IDisposable
{
    private const string Root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    private const string Sofa =
        "example.com/behind-the-sofa\n20852163\n" + Root + "\n\n\u2014 example.com/behind-the-sofa " +
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();
    private readonly Ed25519SigningKey _other = Ed25519SigningKey.Generate();

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("Format: no Unicode space", "a\u3000b", false)]
    [InlineData("Format: no Unicode space", "a\u0085b", false)]
    [InlineData("Format: no ASCII control character", "a\u0001b", false)]
    [InlineData("Format: no more than that", "a\u007fb", true)]
    [InlineData("Format: no more than that", "a\u009fb", true)]
    [InlineData("Format: no more than that", "a\u200bb", true)]
    [InlineData("Format: no more than that", "\ufffd.example", true)]
    public void Key_names(string clause, string name, bool accepted)
    {
        NoteKey.IsName(name).ShouldBe(accepted, clause);
        SignedNote.TryParse($"text\n\n\u2014 {name} AAAAAAAA\n", out _).ShouldBe(accepted, clause);
    }

    [Fact]
    public void A_key_name_may_be_as_long_as_the_note_allows()
    {
        var name = new string('n', 5000);
        var key = new NoteKey(name, NoteKeyType.Ed25519, _key.VerifyingKey);

        SignedNote.TryParse(new NoteSigner(name, _key).Sign("text\n"), out var note).ShouldBeTrue();
        note!.Verify(key).ShouldBe(NoteVerdict.Signed);
        NoteKey.TryParse(key.ToString(), out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("Format: the text ends in newline, then a blank line", "text\n\u2014 n AAAAAAAA\n", false)]
    [InlineData("Format: one or more signature lines", "text\n\n", false)]
    [InlineData("Format: the last empty line separates", "a\n\n\u2014 n AAAAAAAA\n\n\u2014 n AAAAAAAA\n", true)]
    [InlineData("Format: no other lines below", "a\n\n\u2014 n AAAAAAAA\nmore\n", false)]
    [InlineData("Format: em dash, not en dash", "text\n\n\u2013 n AAAAAAAA\n", false)]
    [InlineData("Format: one space", "text\n\n\u2014\u00a0n AAAAAAAA\n", false)]
    [InlineData("Format: nothing behind the signature", "text\n\n\u2014 n AAAAAAAA \n", false)]
    [InlineData("Format: standard base64, not base64url", "text\n\n\u2014 n AAAAAA-_\n", false)]
    [InlineData("Format: base64 with padding", "text\n\n\u2014 n AAAAAAA=\n", true)]
    [InlineData("Format: base64 with padding", "text\n\n\u2014 n AAAAAAA\n", false)]
    [InlineData("RFC 4648 section 3.5: zero pad bits", "text\n\n\u2014 n AAAAAAB=\n", false)]
    [InlineData("Format: four bytes of id and a signature", "text\n\n\u2014 n AAAAAA==\n", false)]
    [InlineData("Format: no control character but newline", "te\u0000xt\n\n\u2014 n AAAAAAAA\n", false)]
    [InlineData("Format: control means below U+0020", "te\u007fxt\u0085\n\n\u2014 n AAAAAAAA\n", true)]
    public void Notes(string clause, string note, bool accepted) =>
        SignedNote.TryParse(note, out _).ShouldBe(accepted, clause);

    [Theory]
    [InlineData("74657874", true)]
    [InlineData("7465ff74", false)]
    [InlineData("eda080", false)]
    [InlineData("c0af", false)]
    [InlineData("f0908080", true)]
    public void A_note_is_valid_utf_8(string bytes, bool accepted) =>
        NoteText.TryDecode(Convert.FromHexString(bytes), out _).ShouldBe(accepted);

    // No attribute can hold half a surrogate pair: the compiler writes attributes in UTF-8.
    [Theory]
    [InlineData(0xd83d)]
    [InlineData(0xdc00)]
    public void Half_a_surrogate_pair_is_no_text(int half)
    {
        var no = $"a{(char)half}";

        NoteKey.IsName(no).ShouldBeFalse();
        SignedNote.TryParse($"{no}\n\n\u2014 n AAAAAAAA\n", out _).ShouldBeFalse();
        SignedNote.TryParse($"text\n\n\u2014 {no} AAAAAAAA\n", out _).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => new NoteSigner("log.example", _key).Sign(no + "\n"));
    }

    [Fact]
    public void A_byte_order_mark_is_part_of_the_text() =>
        (NoteText.TryDecode([0xef, 0xbb, 0xbf, 0x61], out var text) ? text : "").ShouldBe("\ufeffa");

    /// <summary>signed-note, "Format": a limit on the number of signatures, and at least 16 of up to 5 kB.</summary>
    [Fact]
    public void Sixteen_signatures_of_post_quantum_size_are_read_and_not_any_number()
    {
        var signer = new NoteSigner("log.example", _key);
        var large = $"\u2014 pq.example {Convert.ToBase64String(new byte[5000])}\n";
        var note = signer.Sign("text\n");

        SignedNote.TryParse(note + string.Concat(Enumerable.Repeat(large, 15)), out var read).ShouldBeTrue();
        read!.Verify(signer.VerifierKey).ShouldBe(NoteVerdict.Signed);
        SignedNote.TryParse(
            note + string.Concat(Enumerable.Repeat("\u2014 n AAAAAAAA\n", 1000)), out _).ShouldBeFalse();
    }

    /// <summary>
    /// signed-note, "Signatures": unknown keys are ignored, even if they share a name or an id with a known one; a
    /// known key's signature that does not verify spoils the note.
    /// </summary>
    [Fact]
    public void A_wrong_signature_of_one_known_key_spoils_what_another_signed()
    {
        var first = new NoteSigner("log.example", _key);
        var second = new NoteSigner("log.example", _other);
        var note = first.Sign("text\n");
        var wrong = second.Sign("other\n")["other\n\n".Length..];

        SignedNote.TryParse(note + wrong, out var both).ShouldBeTrue();

        both!.Verify([first.VerifierKey]).ShouldBe(NoteVerdict.Signed);
        both.Verify([first.VerifierKey, second.VerifierKey]).ShouldBe(NoteVerdict.Forged);
        both.Verify([second.VerifierKey, first.VerifierKey]).ShouldBe(NoteVerdict.Forged);
        both.Verify([]).ShouldBe(NoteVerdict.NotSigned);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("te\rxt\n")]
    [InlineData("te\u0000xt\n")]
    public void The_signer_writes_no_note_that_a_reader_must_refuse(string text) =>
        Should.Throw<ArgumentException>(() => new NoteSigner("log.example", _key).Sign(text));

    /// <summary>
    /// signed-note, "Verifier keys". The types beyond 1, 4 and 6 are not supported, on purpose, and 6 is no type of
    /// Ed25519 keys.
    /// </summary>
    [Theory]
    [InlineData(0x01, true)]
    [InlineData(0x02, false)]
    [InlineData(0x04, true)]
    [InlineData(0x05, false)]
    [InlineData(0x06, false)]
    [InlineData(0xff, false)]
    public void Verifier_keys_are_of_the_supported_types(int type, bool accepted)
    {
        byte[] material = [(byte)type, .. _key.VerifyingKey.Bytes];
        var id = System.Security.Cryptography.SHA256.HashData([.. "n\n"u8, .. material]).AsSpan(0, 4);

        NoteKey.TryParse($"n+{Convert.ToHexStringLower(id)}+{Convert.ToBase64String(material)}", out _)
            .ShouldBe(accepted);
    }

    [Theory]
    [InlineData("Note text: the origin is any non-empty line", "go.sum database tree + more", "7", "", true)]
    [InlineData("Note text: the origin is not empty", "", "7", "", false)]
    [InlineData("Note text: the empty tree's size is 0", "o", "0", "", true)]
    [InlineData("Note text: no leading zeroes", "o", "00", "", false)]
    [InlineData("Note text: ASCII decimal", "o", "\u0667", "", false)]
    [InlineData("Note text: ASCII decimal", "o", "7\u0000", "", false)]
    [InlineData("Note text: ASCII decimal", "o", "+7", "", false)]
    [InlineData("Note text: ASCII decimal", "o", " 7", "", false)]
    [InlineData("Note text: ASCII decimal", "o", "7.0", "", false)]
    [InlineData("2^63-1 is read", "o", "9223372036854775807", "", true)]
    [InlineData("2^63 is not, on purpose", "o", "9223372036854775808", "", false)]
    [InlineData("Note text: extension lines are allowed", "o", "7", "one\n two \n", true)]
    [InlineData("Note text: extension lines are not empty", "o", "7", "one\n\ntwo\n", false)]
    public void Checkpoints(string clause, string origin, string size, string extension, bool accepted) =>
        Checkpoint.TryParse($"{origin}\n{size}\n{Root}\n{extension}", out _).ShouldBe(accepted, clause);

    [Theory]
    [InlineData("Format: the first line", "c2sp.org/tlog-proof@v2\nindex 0\n\n", false)]
    [InlineData("Format: no proof lines", "c2sp.org/tlog-proof@v1\nindex 0\n\n", true)]
    [InlineData("Format: extra is base64", "c2sp.org/tlog-proof@v1\nextra YWdl\nindex 0\n\n", true)]
    [InlineData("Format: extra is base64", "c2sp.org/tlog-proof@v1\nextra YWd\nindex 0\n\n", false)]
    [InlineData("Format: extra is base64", "c2sp.org/tlog-proof@v1\nextra YW dl\nindex 0\n\n", false)]
    [InlineData("Format: without extra data no extra line", "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n", false)]
    [InlineData("Format: one extra line", "c2sp.org/tlog-proof@v1\nextra YWdl\nextra YWdl\nindex 0\n\n", false)]
    [InlineData("Format: extra before index", "c2sp.org/tlog-proof@v1\nindex 0\nextra YWdl\n\n", false)]
    [InlineData("Format: ASCII decimal index", "c2sp.org/tlog-proof@v1\nindex 00\n\n", false)]
    [InlineData("Format: ASCII decimal index", "c2sp.org/tlog-proof@v1\nindex 1\u0000\n\n", false)]
    [InlineData("Format: newline is U+000A", "c2sp.org/tlog-proof@v1\r\nindex 1\n\n", false)]
    [InlineData("Format: an index line", "c2sp.org/tlog-proof@v1\n\n", false)]
    [InlineData("Format: one hash a line", "c2sp.org/tlog-proof@v1\nindex 1\n" + Root + "\n\n", true)]
    [InlineData("Format: one hash a line", "c2sp.org/tlog-proof@v1\nindex 1\nCsUYapGGPo4=\n\n", false)]
    public void Receipts(string clause, string head, bool accepted) =>
        InclusionReceipt.TryParse(head + Sofa, out _).ShouldBe(accepted, clause);

    /// <summary>tlog-cosignature: the timestamp is at most 2⁶³−1; tlog-witness: it must not be zero.</summary>
    [Fact]
    public void A_cosignature_says_its_time()
    {
        var text = new Checkpoint("log.example", 0, TreeHasher.Empty).ToText();
        var key = new NoteKey("w", NoteKeyType.CosignatureV1, _key.VerifyingKey);
        var beyond = new byte[4 + 8 + 64];
        Convert.FromHexString(key.Id.ToString("x8")).CopyTo(beyond, 0);
        beyond[4] = 0x80;
        _key.Sign(Encoding.UTF8.GetBytes($"cosignature/v1\ntime 9223372036854775808\n{text}"), beyond.AsSpan(12));

        SignedNote.TryParse($"{text}\n\u2014 w {Convert.ToBase64String(beyond)}\n", out var note).ShouldBeTrue();

        note!.Verify(key).ShouldBe(NoteVerdict.Forged);
        Should.Throw<ArgumentOutOfRangeException>(
            () => Cosignature.Sign("w", _key, text, DateTimeOffset.UnixEpoch));
    }

    /// <summary>tlog-checkpoint, "Signatures": the key's name should be the origin, and need not be.</summary>
    [Fact]
    public void A_receipt_is_held_against_the_logs_origin()
    {
        var signer = new NoteSigner("sum.example", _key);
        var leaf = TreeHasher.Leaf("entry"u8);
        var note = signer.Sign(new Checkpoint("the tree", 1, leaf).ToText());

        InclusionReceipt.TryParse(InclusionReceipt.Format(0, [], note), out var receipt).ShouldBeTrue();

        receipt!.FindFault("entry"u8, signer.VerifierKey, "the tree").ShouldBeNull();
        receipt.FindFault("entry"u8, signer.VerifierKey).ShouldNotBeNull();
        receipt.FindFault("entry"u8, signer.VerifierKey, "another tree").ShouldNotBeNull();
    }
}
