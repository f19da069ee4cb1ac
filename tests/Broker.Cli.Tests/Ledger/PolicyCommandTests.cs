using System.Text.Json;
using Broker.Cli.Ledger;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;

namespace Broker.Cli.Tests.Ledger;

/// <summary>The ledger's commands by a policy (C2SP tlog-policy) in place of the log's key.</summary>
public sealed class PolicyCommandTests : IAsyncLifetime, IDisposable
{
    private const string Origin = "broker.example/ledger";
    private const long Time = 1_763_700_000;

    private static readonly EntryKind Token = new("oidc_token");
    private static readonly EntryKinds Kinds = new([Token]);

    private readonly string _folder = Directory.CreateTempSubdirectory("brokerctl-").FullName;
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();
    private readonly Ed25519SigningKey _ed25519 = Ed25519SigningKey.Generate();
    private readonly MLDsaCosigner _mlDsa = new("pq.example/w2");
    private LedgerReceipt _receipt = null!;
    private string _note = "";
    private string _vkey = "";

    private string Db => Path.Combine(_folder, "audit.sqlite");

    private string Ed25519Vkey =>
        new NoteKey("ed.example/w1", NoteKeyType.CosignatureV1, _ed25519.VerifyingKey).ToString();

    private string Witnesses => $"witness W1 {Ed25519Vkey}\nwitness W2 {_mlDsa.Vkey} https://pq.example/\n";

    private string Both => Write(
        "both.policy", $"# The broker's log.\nlog {_vkey}\n{Witnesses}group both all W1 W2\nquorum both\n");

    public async Task InitializeAsync()
    {
        await using var ledger = Open();
        _vkey = ledger.VerifierKey.ToString();
        for (var n = 0; n < 5; n++) _receipt = await ledger.AppendAsync(Entry(n), CancellationToken.None);
        _note = ledger.NewestCheckpoint;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _key.Dispose();
        _ed25519.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_receipt_that_the_quorum_cosigned_verifies_and_it_says_who_and_when()
    {
        var (exitCode, output, error) = await VerifyReceiptAsync(Cosigned(_receipt.Proof), "--policy", Both);

        exitCode.ShouldBe(0, output + error);
        output.ShouldContain($"ok: the checkpoint of {Origin} at size 5 is signed by the key {Origin}+");
        output.ShouldMatch(@"WITNESS +COSIGNED +ALGORITHM +KEY\n");
        output.ShouldMatch(@"W1 +2025-11-21T04:40:00Z +Ed25519 +ed\.example/w1\+[0-9a-f]{8}\n");
        output.ShouldMatch(@"W2 +2025-11-21T04:40:01Z +ML-DSA-44 +pq\.example/w2\+[0-9a-f]{8}\n");
        output.ShouldMatch(@"GROUP +HAS +NEEDS +MEMBERS\nboth +2 +2 +2\n");
        output.ShouldContain("quorum both: met\n");
        output.ShouldContain("ok: the entry is in it, at index 4");
    }

    [Fact]
    public async Task A_receipt_that_too_few_cosigned_fails_and_it_says_who_is_missing()
    {
        var receipt = _receipt.Proof + Line(_receipt.Proof, ed25519: true);

        var (exitCode, output, _) = await VerifyReceiptAsync(receipt, "--policy", Both);

        exitCode.ShouldBe(1);
        output.ShouldMatch(@"W1 +2025");
        output.ShouldMatch(@"W2 +no +ML-DSA-44");
        output.ShouldContain("quorum both: not met\n");
        output.ShouldContain("FAILED: the quorum is not met: \"both\" has 1 of the 2 that it needs, without \"W2\"");
        output.ShouldNotContain("ok:");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task In_json_it_says_the_same(bool isQuorumMet, int expected)
    {
        var receipt = isQuorumMet ? Cosigned(_receipt.Proof) : _receipt.Proof + Line(_receipt.Proof, ed25519: false);

        var (exitCode, output, _) = await VerifyReceiptAsync(receipt, "--policy", Both, "--json");

        exitCode.ShouldBe(expected, output);
        var answer = JsonDocument.Parse(output).RootElement;
        answer.GetProperty("ok").GetBoolean().ShouldBe(isQuorumMet);
        answer.GetProperty("inclusion").GetString().ShouldBe(isQuorumMet ? "verified" : "not_checked");
        answer.GetProperty("log").GetString().ShouldStartWith($"{Origin}+");
        var policy = answer.GetProperty("policy");
        policy.GetProperty("quorum").GetString().ShouldBe("both");
        policy.GetProperty("standing").GetString().ShouldBe(isQuorumMet ? "met" : "not_met");
        policy.GetProperty("tree_size").GetInt64().ShouldBe(5);
        var first = policy.GetProperty("witnesses")[0];
        first.GetProperty("name").GetString().ShouldBe("W1");
        first.GetProperty("cosigned").GetBoolean().ShouldBe(isQuorumMet);
        first.GetProperty("cosigned_at").GetString().ShouldBe(isQuorumMet ? "2025-11-21T04:40:00Z" : null);
        policy.GetProperty("witnesses")[1].GetProperty("algorithm").GetString().ShouldBe("ML-DSA-44");
        policy.GetProperty("groups")[0].GetProperty("has").GetInt32().ShouldBe(isQuorumMet ? 2 : 1);
        policy.GetProperty("groups")[0].GetProperty("met").GetBoolean().ShouldBe(isQuorumMet);
        policy.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["fault", "quorum", "standing", "tree_size", "witnesses", "groups"]);
    }

    [Fact]
    public async Task Without_an_entry_the_quorum_is_checked_and_the_inclusion_is_not()
    {
        var receipt = Write("r.tlog-proof", Cosigned(_receipt.Proof));

        var (exitCode, output, _) = await RunAsync("verify-receipt", receipt, "--policy", Both);

        exitCode.ShouldBe(3, output);
        output.ShouldContain("quorum both: met");
        output.ShouldContain("NOT CHECKED");
    }

    [Fact]
    public async Task A_wrong_entry_fails_whoever_cosigned()
    {
        var receipt = Write("r.tlog-proof", Cosigned(_receipt.Proof));

        var (exitCode, output, _) = await RunAsync(
            "verify-receipt", receipt, "--policy", Both, "--entry", Write("entry", "{}"));

        exitCode.ShouldBe(1, output);
        output.ShouldContain("FAILED: the proof does not lead");
    }

    [Fact]
    public async Task A_policy_without_logs_goes_with_a_key_and_one_with_logs_does_not()
    {
        var without = Write("witnesses.policy", Witnesses + "quorum W1\n");
        var receipt = Cosigned(_receipt.Proof);

        (await VerifyReceiptAsync(receipt, "--policy", without, "--vkey", _vkey)).ExitCode.ShouldBe(0);
        var neither = await VerifyReceiptAsync(receipt, "--policy", without);
        neither.ExitCode.ShouldBe(2);
        neither.Error.ShouldContain("names no log; give the log's key by --vkey");
        var both = await VerifyReceiptAsync(receipt, "--policy", Both, "--vkey", _vkey);
        both.ExitCode.ShouldBe(2);
        both.Error.ShouldContain("names its logs; leave out --vkey");
        var none = await VerifyReceiptAsync(receipt);
        none.ExitCode.ShouldBe(2);
        none.Error.ShouldContain("give --vkey or --policy");
    }

    [Theory]
    [InlineData("quorum W1\n", "line 1: \"W1\" is not defined")]
    [InlineData("quorum none", "line 1: the line does not end in a newline")]
    [InlineData("quorum none\r\n", "line 1: has the control character 0x0d")]
    [InlineData("\u009b1m\n", "line 1: begins with \"?1m\"")]
    public async Task A_file_that_is_no_policy_is_a_misuse_that_names_the_line(string text, string reason)
    {
        var (exitCode, _, error) = await VerifyReceiptAsync(_receipt.Proof, "--policy", Write("no.policy", text));

        exitCode.ShouldBe(2);
        error.ShouldContain($"no.policy\" is not a policy: {reason}");
    }

    [Fact]
    public async Task A_file_that_is_not_there_or_never_ends_is_a_misuse()
    {
        var missing = await VerifyReceiptAsync(_receipt.Proof, "--policy", Path.Combine(_folder, "missing"));
        var endless = await VerifyReceiptAsync(_receipt.Proof, "--policy", "/dev/zero");

        missing.ExitCode.ShouldBe(2);
        missing.Error.ShouldContain("cannot read");
        endless.ExitCode.ShouldBe(2);
        endless.Error.ShouldContain("longer than 1048576 bytes");
    }

    [Fact]
    public async Task The_whole_ledger_verifies_by_a_policy_and_a_cosigned_checkpoint_kept_elsewhere()
    {
        var cosigned = Write("witnessed", Cosigned(_note));

        var (exitCode, output, _) = await RunAsync("verify", "--db", Db, "--policy", Both, "--known", cosigned);

        exitCode.ShouldBe(0, output);
        output.ShouldContain("signatures: 5 of 5 by the given key");
        output.ShouldContain("witnesses of the checkpoint of size 5:");
        output.ShouldContain("quorum both: met");
        output.ShouldContain("ok: rows, tree and checkpoints agree");
    }

    /// <summary>The ledger's file holds no cosignatures; not to have looked at any is no success.</summary>
    [Fact]
    public async Task Without_a_cosigned_checkpoint_the_quorum_is_not_checked()
    {
        var (exitCode, output, _) = await RunAsync("verify", "--db", Db, "--policy", Both);
        var json = await RunAsync("verify", "--db", Db, "--policy", Both, "--json");
        var none = Write("none.policy", $"log {_vkey}\n{Witnesses}quorum none\n");

        exitCode.ShouldBe(3, output);
        output.ShouldContain("witnesses: NOT CHECKED for the quorum both");
        json.ExitCode.ShouldBe(3);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("policy").GetProperty("standing").GetString()
            .ShouldBe("not_checked");
        (await RunAsync("verify", "--db", Db, "--policy", none)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_checkpoint_kept_elsewhere_that_too_few_cosigned_fails()
    {
        var plain = Write("plain", _note);
        var good = Write("witnessed", Cosigned(_note));

        var (exitCode, output, _) = await RunAsync("verify", "--db", Db, "--policy", Both, "--known", plain);
        var json = await RunAsync("verify", "--db", Db, "--policy", Both, "--known", plain, "--json");

        exitCode.ShouldBe(1, output);
        output.ShouldContain("WRONG  policy: the quorum is not met");
        output.ShouldContain("FAILED: no checkpoint that was given satisfies the policy");
        json.ExitCode.ShouldBe(1);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("ok").GetBoolean().ShouldBeFalse();

        // One that does is enough: the others need only be contained.
        (await RunAsync("verify", "--db", Db, "--policy", Both, "--known", plain, "--known", good)).ExitCode
            .ShouldBe(0);
    }

    [Fact]
    public async Task A_policy_of_another_log_says_that_it_is()
    {
        var log = new NoteKey("other.example", NoteKeyType.Ed25519, _key.VerifyingKey);
        var other = Write("other.policy", $"log {log}\nquorum none\n");

        var (exitCode, _, error) = await RunAsync("verify", "--db", Db, "--policy", other);

        exitCode.ShouldBe(1);
        error.ShouldContain($"the ledger is of \"{Origin}\", and the policy names no such log");
    }

    [Fact]
    public async Task A_backup_is_made_only_where_the_policy_would_have_it()
    {
        var (refused, unwitnessed, made) = (
            Path.Combine(_folder, "refused"), Path.Combine(_folder, "unwitnessed"), Path.Combine(_folder, "made"));
        Task<(int ExitCode, string Output, string Error)> BackupAsync(string to, params string[] known) =>
            RunAsync(["backup", "--db", Db, "--to", to, "--policy", Both, .. known]);

        var answer = await BackupAsync(refused, "--known", Write("plain", _note));

        answer.ExitCode.ShouldBe(1);
        answer.Error.ShouldContain("FAILED: the quorum is not met");
        File.Exists(refused).ShouldBeFalse();
        (await BackupAsync(unwitnessed)).ExitCode.ShouldBe(3);
        (await BackupAsync(made, "--known", Write("witnessed", Cosigned(_note)))).ExitCode.ShouldBe(0);
        File.Exists(made).ShouldBeTrue();
    }

    /// <summary>The way from a cosigned checkpoint to a receipt that a policy accepts.</summary>
    [Fact]
    public async Task A_receipt_is_proven_under_a_cosigned_checkpoint()
    {
        var witnessed = Write("witnessed", Cosigned(_note));
        await using (var ledger = Open()) await ledger.AppendAsync(Entry(6), CancellationToken.None);
        var entry = Path.Combine(_folder, "entry");

        var (exitCode, output, error) = await RunAsync(
            "prove", "3", "--db", Db, "--checkpoint", witnessed, "--entry-out", entry);

        exitCode.ShouldBe(0, error);
        (await RunAsync("verify-receipt", Write("r", output), "--policy", Both, "--entry", entry)).ExitCode.ShouldBe(0);
        var newest = await RunAsync("prove", "3", "--db", Db);
        (await RunAsync("verify-receipt", Write("r", newest.Output), "--policy", Both, "--entry", entry)).ExitCode
            .ShouldBe(1);
        var later = await RunAsync("prove", "6", "--db", Db, "--checkpoint", witnessed);
        later.ExitCode.ShouldBe(1);
        later.Error.ShouldContain("is no checkpoint of this ledger that has the entry");
        var foreign = Write("foreign", new NoteSigner(Origin, _key).Sign($"{Origin}\n5\n{new string('A', 43)}=\n"));
        var other = await RunAsync("prove", "3", "--db", Db, "--checkpoint", foreign);
        other.ExitCode.ShouldBe(1);
        other.Error.ShouldContain("of another ledger, or of another history");
    }

    [Theory]
    [InlineData("all", 1)]
    [InlineData("2", 1)]
    [InlineData("any", 0)]
    [InlineData("1", 0)]
    [InlineData("none", 0)]
    public async Task What_the_command_prints_is_a_policy(string quorum, int exitCodeOfOneCosignature)
    {
        var (exitCode, output, error) = await RunAsync(
            "policy", "--vkey", Write("log.vkey", _vkey + "\n"), "--witness", Ed25519Vkey,
            "--witness", $"https://pq.example/|{_mlDsa.Vkey}", "--quorum", quorum);

        exitCode.ShouldBe(0, error);
        output.ShouldContain($"log {_vkey}\n");
        output.ShouldContain($"witness pq.example/w2 {_mlDsa.Vkey} https://pq.example/\n");
        var policy = Write("printed.policy", output);
        (await VerifyReceiptAsync(Cosigned(_receipt.Proof), "--policy", policy)).ExitCode.ShouldBe(0);
        (await VerifyReceiptAsync(_receipt.Proof + Line(_receipt.Proof, ed25519: true), "--policy", policy)).ExitCode
            .ShouldBe(exitCodeOfOneCosignature);
    }

    [Fact]
    public async Task What_makes_no_policy_is_not_printed()
    {
        var without = await RunAsync("policy", "--vkey", _vkey);
        var many = await RunAsync("policy", "--vkey", _vkey, "--witness", Ed25519Vkey, "--quorum", "2");
        var twice = await RunAsync("policy", "--vkey", _vkey, "--witness", Ed25519Vkey, "--witness", Ed25519Vkey);
        var log = await RunAsync("policy", "--vkey", _vkey, "--witness", _vkey);

        foreach (var (exitCode, output, error) in ((int, string, string)[])[without, many, twice, log])
        {
            exitCode.ShouldBe(2, error);
            output.ShouldBeEmpty();
        }

        without.Error.ShouldContain("give --witness, or --quorum none");
        many.Error.ShouldContain("the threshold \"2\" is not");
        twice.Error.ShouldContain("is already a witness's or a group's");
        log.Error.ShouldContain("the vkey is not a witness's");
    }

    private ReleaseLedger Open() => SqliteLedger.Open(
        new SqliteLedgerOptions { Path = Db, Origin = Origin, Kinds = Kinds }, _key, TimeProvider.System);

    private string Cosigned(string note) => note + Line(note, ed25519: true) + Line(note, ed25519: false);

    // A receipt ends in its checkpoint, a checkpoint is one.
    private string Line(string note, bool ed25519)
    {
        var text = InclusionReceipt.TryParse(note, out var receipt) ? receipt.Note.Text
            : SignedNote.TryParse(note, out var signed) ? signed.Text
            : throw new ArgumentException("no checkpoint", nameof(note));
        return ed25519
            ? Cosignature.Sign("ed.example/w1", _ed25519, text, DateTimeOffset.FromUnixTimeSeconds(Time))
            : _mlDsa.Cosign(text, Time + 1);
    }

    private Task<(int ExitCode, string Output, string Error)> VerifyReceiptAsync(
        string receipt, params string[] arguments) => RunAsync([
            "verify-receipt", Write("r.tlog-proof", receipt),
            "--entry", Write("entry", System.Text.Encoding.UTF8.GetString(_receipt.CanonicalEntry)), .. arguments]);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var exitCode = await BrokerCtlProgram.RunAsync(
            [LedgerCommands.Create()], ["ledger", .. arguments], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    private static LedgerEntry Entry(int n) => new()
    {
        RecordId = RecordId.New(DateTimeOffset.FromUnixTimeSeconds(Time + n)),
        MintedAt = DateTimeOffset.FromUnixTimeSeconds(Time + n),
        Kind = Token,
        Outcome = LedgerOutcome.AuthFailed,
        RequestedRole = "oidc_jwt",
    };

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
