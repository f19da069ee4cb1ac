using Broker.Cryptography;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Tests.Merkle;
using Broker.Ledger.Witness;

namespace Broker.Ledger.Tests.Witness;

/// <summary>The statuses are those that C2SP tlog-witness asks for.</summary>
public sealed class LedgerWitnessTests : IDisposable
{
    private const string Origin = "log.example/one";

    private readonly string _folder = Directory.CreateTempSubdirectory("witness-").FullName;
    private readonly Ed25519SigningKey _logKey = Ed25519SigningKey.Generate();
    private readonly Ed25519SigningKey _witnessKey = Ed25519SigningKey.Generate();
    private readonly ReferenceTree _tree = ReferenceTree.OfNumbers(40);
    private readonly NoteSigner _log;

    public LedgerWitnessTests() => _log = new NoteSigner(Origin, _logKey);

    public void Dispose()
    {
        _logKey.Dispose();
        _witnessKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Cosigns_a_tree_that_grows_and_remembers_it_over_a_restart()
    {
        var first = Open().AddCheckpoint(Request(0, 10));
        var second = Open().AddCheckpoint(Request(10, 33));

        first.Status.ShouldBe(200);
        second.Status.ShouldBe(200);
        var witness = Open();
        SignedNote.TryParse(Note(33) + second.Body, out var cosigned).ShouldBeTrue();
        cosigned!.Verify(witness.VerifierKey).ShouldBe(NoteVerdict.Signed);
        var hash = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Origin)));
        witness.Newest(hash).ShouldBe(Note(33) + second.Body);
    }

    [Fact]
    public void Says_what_it_saw_last_when_asked_from_elsewhere()
    {
        var witness = Open();
        witness.AddCheckpoint(Request(0, 10));

        var answer = witness.AddCheckpoint(Request(7, 20));

        answer.Status.ShouldBe(409);
        answer.Body.ShouldBe("10\n");
        answer.ContentType.ShouldBe("text/x.tlog.size");
    }

    [Fact]
    public void Refuses_a_tree_that_does_not_continue_the_one_before_and_keeps_its_state()
    {
        var witness = Open();
        witness.AddCheckpoint(Request(0, 10));
        var other = ReferenceTree.OfNumbers(41);
        var forked = _log.Sign(new Checkpoint(Origin, 20, other.Root(1, 21)).ToText());

        witness.AddCheckpoint(WitnessRequest.Format(10, _tree.Consistency(10, 20), forked)).Status.ShouldBe(422);
        witness.AddCheckpoint(
            WitnessRequest.Format(10, [], _log.Sign(new Checkpoint(Origin, 10, other.Root(1, 11)).ToText())))
            .Status.ShouldBe(422);
        witness.AddCheckpoint(Request(10, 20)).Status.ShouldBe(200);
    }

    [Fact]
    public void Refuses_what_the_log_did_not_sign_and_logs_that_it_does_not_know()
    {
        var witness = Open();
        using var other = Ed25519SigningKey.Generate();
        var text = new Checkpoint(Origin, 10, _tree.Root(0, 10)).ToText();

        witness.AddCheckpoint(
            WitnessRequest.Format(0, [], new NoteSigner(Origin, other).Sign(text))).Status.ShouldBe(403);
        witness.AddCheckpoint(
            WitnessRequest.Format(0, [], Note(10).Replace("\n10\n", "\n11\n", StringComparison.Ordinal)))
            .Status.ShouldBe(403);
        var stranger = new NoteSigner("log.example/two", other)
            .Sign(new Checkpoint("log.example/two", 10, _tree.Root(0, 10)).ToText());
        witness.AddCheckpoint(WitnessRequest.Format(0, [], stranger)).Status.ShouldBe(404);
    }

    [Fact]
    public void Cosigns_a_log_whose_key_has_another_name_than_its_origin()
    {
        using var key = Ed25519SigningKey.Generate();
        var signer = new NoteSigner("sum.golang.org", key);
        var note = signer.Sign(new Checkpoint("go.sum database tree", 10, _tree.Root(0, 10)).ToText());
        foreach (var log in (WatchedLog[])[new(signer.VerifierKey), new(signer.VerifierKey, "go.sum database tree")])
        {
            var folder = Path.Combine(_folder, Guid.NewGuid().ToString());
            var witness = new LedgerWitness(folder, "witness.example/w1", _witnessKey, [log], TimeProvider.System);

            witness.AddCheckpoint(WitnessRequest.Format(0, [], note)).Status.ShouldBe(200);
            witness.AddCheckpoint(WitnessRequest.Format(0, [], note)).Status.ShouldBe(409);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("old\n\n")]
    [InlineData("old 01\n\n")]
    [InlineData("old 0\nnot base64\n\n")]
    [InlineData("old 0\n\nno note\n")]
    public void Refuses_what_is_no_request(string body) => Open().AddCheckpoint(body).Status.ShouldBe(400);

    [Fact]
    public void Refuses_an_old_size_beyond_the_checkpoint() =>
        Open().AddCheckpoint(WitnessRequest.Format(11, [], Note(10))).Status.ShouldBe(400);

    [Fact]
    public void A_proof_from_nothing_must_be_empty() =>
        Open().AddCheckpoint(WitnessRequest.Format(0, [TreeHasher.Empty], Note(10))).Status.ShouldBe(422);

    /// <summary>Anybody can repeat the log's line, up to what a note may have.</summary>
    [Fact]
    public void Repeated_lines_of_the_log_do_not_make_its_state_unreadable()
    {
        var line = Note(10)[(Note(10).LastIndexOf("\n\n", StringComparison.Ordinal) + 2)..];
        var witness = Open();

        witness.AddCheckpoint(Request(0, 10) + string.Concat(Enumerable.Repeat(line, 63))).Status.ShouldBe(200);

        witness.AddCheckpoint(Request(10, 20)).Status.ShouldBe(200);
        Open().AddCheckpoint(Request(20, 33)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("each line ends in U+000A", "old 0\r\n\n", 400)]
    [InlineData("the old size is ASCII decimal", "old 0\0\n\n", 400)]
    [InlineData("the old size is ASCII decimal", "old +0\n\n", 400)]
    [InlineData("one space", "old  0\n\n", 400)]
    [InlineData("an empty line before the checkpoint", "old 0\n", 400)]
    [InlineData("as it should be", "old 0\n\n", 200)]
    public void The_lines_before_the_checkpoint(string clause, string head, int expected) =>
        Open().AddCheckpoint(head + Note(10)).Status.ShouldBe(expected, clause);

    [Theory]
    [InlineData(63, 422)]
    [InlineData(64, 400)]
    public void At_most_sixty_three_proof_lines_are_a_request(int lines, int expected) =>
        Open().AddCheckpoint(WitnessRequest.Format(0, Enumerable.Repeat(TreeHasher.Empty, lines), Note(10)))
            .Status.ShouldBe(expected);

    [Fact]
    public void An_empty_tree_has_the_root_of_the_empty_tree()
    {
        var wrong = _log.Sign(new Checkpoint(Origin, 0, _tree.Root(0, 1)).ToText());

        Open().AddCheckpoint(WitnessRequest.Format(0, [], wrong)).Status.ShouldBe(422);
        Open().AddCheckpoint(
            WitnessRequest.Format(0, [], _log.Sign(new Checkpoint(Origin, 0, TreeHasher.Empty).ToText())))
            .Status.ShouldBe(200);
    }

    /// <summary>tlog-checkpoint, "Note text": clients must not assume anything of the origin but that it is not
    /// empty.</summary>
    [Theory]
    [InlineData("\ufeffmarked")]
    [InlineData("go.sum database tree + more")]
    [InlineData("/../../etc/passwd")]
    public void Any_origin_is_watched_over_a_restart(string origin)
    {
        LedgerWitness Witness() => new(
            _folder, "w1", _witnessKey, [new WatchedLog(_log.VerifierKey, origin)], TimeProvider.System);
        string NoteOf(int size) => _log.Sign(new Checkpoint(origin, size, _tree.Root(0, size)).ToText());

        Witness().AddCheckpoint(WitnessRequest.Format(0, [], NoteOf(10))).Status.ShouldBe(200);
        Witness().AddCheckpoint(WitnessRequest.Format(10, _tree.Consistency(10, 20), NoteOf(20))).Status.ShouldBe(200);
    }

    [Fact]
    public void A_request_that_is_not_utf_8_is_malformed()
    {
        var request = System.Text.Encoding.UTF8.GetBytes(Request(0, 10));

        Open().AddCheckpoint([0xef, 0xbb, 0xbf, .. request]).Status.ShouldBe(400);
        Open().AddCheckpoint([.. request.AsSpan(0, request.Length - 1), 0xff, (byte)'\n']).Status.ShouldBe(400);
        Open().AddCheckpoint([.. request]).Status.ShouldBe(200);
    }

    private LedgerWitness Open() =>
        new(_folder, "witness.example/w1", _witnessKey, [_log.VerifierKey], TimeProvider.System);

    private string Note(int size) => _log.Sign(new Checkpoint(Origin, size, _tree.Root(0, size)).ToText());

    private string Request(int oldSize, int size) =>
        WitnessRequest.Format(oldSize, _tree.Consistency(oldSize, size), Note(size));
}
