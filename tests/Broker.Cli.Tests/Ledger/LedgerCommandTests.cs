using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cli.Ledger;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;

namespace Broker.Cli.Tests.Ledger;

public sealed class LedgerCommandTests : IAsyncLifetime, IDisposable
{
    private const string Origin = "broker.example/ledger";
    private const int Rows = 300;

    private static readonly EntryKind Token = new("oidc_token");
    private static readonly EntryKind Credentials = new("aws_credentials");
    private static readonly EntryKinds Kinds = new([Token, Credentials]);

    private readonly string _folder = Directory.CreateTempSubdirectory("brokerctl-").FullName;
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();
    private readonly List<LedgerReceipt> _receipts = [];
    private string _vkey = "";

    private string Db => Path.Combine(_folder, "audit.sqlite");

    public async Task InitializeAsync()
    {
        await using var ledger = Open();
        _vkey = ledger.VerifierKey.ToString();
        _receipts.AddRange(await Task.WhenAll(
            Enumerable.Range(0, Rows).Select(n => ledger.AppendAsync(Entry(n), CancellationToken.None).AsTask())));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Verify_says_what_it_looked_at_and_that_all_is_well()
    {
        var (exitCode, output, _) = await RunAsync("verify", "--db", Db, "--vkey", _vkey);

        exitCode.ShouldBe(0, output);
        output.ShouldContain($"{Rows} rows, 1 full tiles");
        output.ShouldContain("ok: rows, tree and checkpoints agree");
    }

    [Fact]
    public async Task Verify_names_the_row_that_was_edited_and_fails()
    {
        Sqlite("DROP TRIGGER mint_log_no_update; UPDATE mint_log SET outcome = 'denied' WHERE id = 43");

        var (exitCode, output, _) = await RunAsync("verify", "--db", Db, "--vkey", _vkey, "--json");

        exitCode.ShouldBe(1);
        var report = JsonDocument.Parse(output).RootElement;
        report.GetProperty("ok").GetBoolean().ShouldBeFalse();
        var findings = report.GetProperty("findings").EnumerateArray().ToList();
        findings.ShouldContain(finding => finding.GetProperty(
            "code").GetString() == "row_changed" && finding.GetProperty("row").GetInt64() == 43);
        findings.ShouldContain(finding => finding.GetProperty("code").GetString() == "trigger_missing");
    }

    [Fact]
    public async Task Verify_without_a_key_checks_signatures_by_the_ledgers_own_and_warns()
    {
        var (exitCode, output, _) = await RunAsync("verify", "--db", Db);

        exitCode.ShouldBe(0, output);
        output.ShouldMatch(@"signatures: (\d+) of \1 by the key that the ledger itself names");
        output.ShouldContain("WARNING: that key is self-asserted");
        output.ShouldContain(_vkey);
    }

    [Fact]
    public async Task Verify_fails_without_a_key_when_all_signatures_are_destroyed()
    {
        // The text of each note stays, and its signature line still has the form of one.
        Sqlite("DROP TRIGGER checkpoints_no_update; UPDATE checkpoints SET note = substr(note, 1, length(note) - 45) "
            + $"|| '{new string('A', 40)}' || substr(note, -5)");

        var (exitCode, output, _) = await RunAsync("verify", "--db", Db);

        exitCode.ShouldBe(1);
        output.ShouldContain("signature_wrong");
    }

    [Fact]
    public async Task Verify_says_by_its_exit_code_that_it_had_no_key_for_the_signatures()
    {
        Sqlite("DROP TABLE checkpoint_keys");

        var (exitCode, output, _) = await RunAsync("verify", "--db", Db);

        exitCode.ShouldBe(3);
        output.ShouldContain("signatures: NOT CHECKED");
    }

    [Fact]
    public async Task A_key_may_be_given_by_the_path_of_a_file()
    {
        var (exitCode, output, _) = await RunAsync("verify", "--db", Db, "--vkey", Write("log.vkey", _vkey + "\n"));

        exitCode.ShouldBe(0, output);
    }

    [Fact]
    public async Task Verify_finds_that_another_key_signed()
    {
        using var other = Ed25519SigningKey.Generate();
        var vkey = new NoteKey(Origin, NoteKeyType.Ed25519, other.VerifyingKey);

        var (exitCode, output, _) = await RunAsync("verify", "--db", Db, "--vkey", vkey.ToString());

        exitCode.ShouldBe(1);
        output.ShouldContain("signature_wrong");
    }

    [Fact]
    public async Task A_receipt_verifies_offline_from_plain_files_and_not_for_another_entry()
    {
        var receipt = Write("r.tlog-proof", _receipts[5].Proof);
        var entry = Write("entry", Encoding.UTF8.GetString(_receipts[5].CanonicalEntry));
        var other = Write("other", Encoding.UTF8.GetString(_receipts[6].CanonicalEntry));
        File.Delete(Db);

        (await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--entry", entry)).ExitCode.ShouldBe(0);
        (await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--entry", other)).ExitCode.ShouldBe(1);
        var without = await RunAsync("verify-receipt", receipt, "--vkey", _vkey);
        without.ExitCode.ShouldBe(3);
        without.Output.ShouldContain("NOT CHECKED");
    }

    [Fact]
    public async Task The_answer_that_carried_a_full_receipt_verifies_as_it_is()
    {
        var answer = JsonSerializer.Serialize(
            new { jwt = "…", receipt = _receipts[5].Proof, entry = _receipts[5].CanonicalEntry });
        var vkey = Write("vkey", _vkey + "\n");

        var (exitCode, output, _) =
            await RunAsync("verify-receipt", Write("answer.json", answer), "--vkey", "@" + vkey, "--json");

        exitCode.ShouldBe(0, output);
        JsonDocument.Parse(output).RootElement.GetProperty("inclusion").GetString().ShouldBe("verified");
    }

    [Fact]
    public async Task An_answer_with_a_name_twice_is_none()
    {
        var answer = JsonSerializer.Serialize(
            new { receipt = _receipts[5].Proof, entry = _receipts[5].CanonicalEntry });
        var twice = Write("answer.json", answer.Insert(1, "\"entry\":\"e30=\","));

        var (exitCode, _, error) = await RunAsync("verify-receipt", twice, "--vkey", _vkey);

        exitCode.ShouldBe(2);
        error.ShouldContain("is not an answer with a receipt");
    }

    /// <summary>signed-note, "Signatures": a known key's signature that does not verify spoils the note.</summary>
    [Fact]
    public async Task A_receipt_with_a_wrong_signature_of_a_known_key_fails_although_another_key_signed_it()
    {
        using var key = Ed25519SigningKey.Generate();
        var other = new NoteSigner(Origin, key);
        var wrong = other.Sign("another text\n")["another text\n\n".Length..];
        var receipt = Write("r.tlog-proof", _receipts[5].Proof + wrong);
        var entry = Write("entry", Encoding.UTF8.GetString(_receipts[5].CanonicalEntry));

        (await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--entry", entry)).ExitCode.ShouldBe(0);
        (await RunAsync(
            "verify-receipt", receipt, "--vkey", _vkey, "--vkey", other.VerifierKey.ToString(), "--entry", entry))
            .ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_the_trusted_one_vouches_for_is_trusted_too()
    {
        using var next = Ed25519SigningKey.Generate();
        using var stranger = Ed25519SigningKey.Generate();
        LedgerReceipt late;
        await using (var ledger = Open())
        {
            ledger.SignWith(new CheckpointSigners(Origin, [next], [_key.VerifyingKey]));
            late = await ledger.AppendAsync(Entry(Rows), CancellationToken.None);
        }

        var receipt = Write("late.tlog-proof", late.Proof);
        var entry = Write("late-entry", Encoding.UTF8.GetString(late.CanonicalEntry));
        var at = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
        var vouched = Write("vouched.json", JsonSerializer.Serialize(
            new { vkey = "", successions = new[] { KeySuccession.Sign(Origin, _key, next, at) } }));
        var foreign = Write("foreign.json", JsonSerializer.Serialize(
            new { vkey = "", successions = new[] { KeySuccession.Sign(Origin, stranger, next, at) } }));

        (await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--entry", entry)).ExitCode.ShouldBe(1);
        (await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--entry", entry, "--succession", foreign)).ExitCode
            .ShouldBe(1);
        (await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--entry", entry, "--succession", vouched)).ExitCode
            .ShouldBe(0);
        (await RunAsync("verify", "--db", Db, "--vkey", _vkey)).ExitCode.ShouldBe(1);
        (await RunAsync("verify", "--db", Db, "--vkey", _vkey, "--succession", vouched)).ExitCode.ShouldBe(0);
        var later = File.ReadAllText(vouched).Replace("1790000000", "1790000001", StringComparison.Ordinal);
        var edited = Write("edited.json", later);
        var refused = await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--succession", edited);
        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("its two keys have not signed");
    }

    [Fact]
    public async Task A_receipt_that_is_not_utf_8_is_said_to_be_none()
    {
        var receipt = Path.Combine(_folder, "r.tlog-proof");
        await File.WriteAllBytesAsync(receipt, [.. Encoding.UTF8.GetBytes(_receipts[5].Proof), 0xff, (byte)'\n']);

        var (exitCode, _, error) = await RunAsync("verify-receipt", receipt, "--vkey", _vkey);

        exitCode.ShouldBe(2);
        error.ShouldContain("is not UTF-8 text");
    }

    [Fact]
    public async Task Prove_prints_a_receipt_under_the_newest_checkpoint_that_verifies()
    {
        var entry = Path.Combine(_folder, "entry");
        var (exitCode, output, _) = await RunAsync("prove", _receipts[17].RecordId, "--db", Db, "--entry-out", entry);

        exitCode.ShouldBe(0, output);
        var receipt = Write("r.tlog-proof", output);
        (await RunAsync("verify-receipt", receipt, "--vkey", _vkey, "--entry", entry)).ExitCode.ShouldBe(0);
        (await RunAsync("prove", "18", "--db", Db)).Output.ShouldContain("index 17");
        (await RunAsync("prove", "aud_1_0000000000000000", "--db", Db)).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Consistency_prints_a_proof_and_refuses_sizes_that_make_no_sense()
    {
        var (exitCode, output, _) = await RunAsync("consistency", "100", "300", "--db", Db, "--json");

        exitCode.ShouldBe(0, output);
        JsonDocument.Parse(output).RootElement.GetProperty("ok").GetBoolean().ShouldBeTrue();
        (await RunAsync("consistency", "200", "100", "--db", Db)).ExitCode.ShouldBe(2);
        (await RunAsync("consistency", "1", "301", "--db", Db)).ExitCode.ShouldBe(2);
        (await RunAsync("consistency", "one", "two", "--db", Db)).ExitCode.ShouldBe(2);
    }

    [Theory]
    [InlineData(30, "--outcome", "denied")]
    [InlineData(270, "--role", "data")]
    [InlineData(270, "--role", "arn:aws:iam::1:role/data")]
    [InlineData(30, "--role", "oidc_jwt")]
    [InlineData(100, "--since", "2025-11-21T04:43:20Z")]
    [InlineData(100, "--since", "2025-11-21 04:43:20")]
    [InlineData(100, "--since", "2025-11-21t05:43:20+01:00")]
    [InlineData(300, "--since", "2025-11-21")]
    [InlineData(0, "--since", "2025-11-21T23:59")]
    [InlineData(200, "--until", "1763700200")]
    [InlineData(300, "--wallet", "0x2C7536E3605D9C16A7A3D7B1898E529396A65C23")]
    [InlineData(0, "--omni", "00")]
    public async Task List_shows_the_rows_that_match(int expected, string option, string value)
    {
        var (exitCode, output, _) = await RunAsync("list", "--db", Db, "--limit", "1000", "--json", option, value);

        exitCode.ShouldBe(0);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(expected);
    }

    [Fact]
    public async Task Every_line_of_an_ndjson_export_hashes_to_its_leaf()
    {
        var (_, output, _) = await RunAsync("export", "--db", Db, "--format", "ndjson");

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(Rows);
        using var reader = SqliteLedger.OpenReader(Db);
        for (var i = 0; i < Rows; i++)
        {
            byte[] leaf = [0, .. Encoding.UTF8.GetBytes(lines[i])];
            Convert.ToHexStringLower(SHA256.HashData(leaf)).ShouldBe(reader.At(i + 1)!.LeafHash);
        }
    }

    [Fact]
    public async Task A_csv_export_has_the_columns_of_the_table_and_quotes_what_needs_it()
    {
        var target = Path.Combine(_folder, "rows.csv");
        await RunAsync("export", "--db", Db, "--format", "csv", "--out", target, "--outcome", "denied");

        var lines = (await File.ReadAllTextAsync(target)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldStartWith("id,minted_at,requester_token,requester_wallet,requested_role,");
        lines.Length.ShouldBe(31);
        lines[1].ShouldContain("\"no grant, said \"\"policy\"\"\"");
    }

    [Fact]
    public async Task Tail_follows_rows_as_they_are_written()
    {
        var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var output = new WaitingWriter("req-late");
        var running = Task.Run(() => BrokerCtlProgram.RunAsync(
            [LedgerCommands.Create()], ["ledger", "tail", "-f", "-n", "2", "--db", Db, "--json"], output,
            TextWriter.Null, stop.Token));

        // Only a row that is written after the last ones were read shows that it follows.
        await output.Begun.WaitAsync(TimeSpan.FromSeconds(15));
        var ledger = Open();
        await ledger.AppendAsync(Entry(301) with { RequestId = "req-late" }, CancellationToken.None);
        await ledger.DisposeAsync();

        await output.Seen.WaitAsync(TimeSpan.FromSeconds(15));
        await stop.CancelAsync();

        (await running).ShouldNotBe(2);
        output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
    }

    [Fact]
    public async Task Stats_counts_rows_by_outcome()
    {
        var (_, output, _) = await RunAsync("stats", "--db", Db, "--json");

        var statistics = JsonDocument.Parse(output).RootElement;
        statistics.GetProperty("entries").GetInt64().ShouldBe(Rows);
        statistics.GetProperty("tiles").GetInt64().ShouldBe(1);
        statistics.GetProperty(
            "counts").EnumerateArray().Sum(count => count.GetProperty("entries").GetInt64()).ShouldBe(Rows);
    }

    [Theory]
    [InlineData("verify", "--db", "/nowhere/audit.sqlite")]
    [InlineData("verify", "--nonsense")]
    [InlineData("verify-receipt", "/nowhere/receipt")]
    [InlineData("list", "--since", "yesterday-ish")]
    [InlineData("list", "--since", "3-4")]
    [InlineData("list", "--since", "10:00")]
    [InlineData("list", "--since", "21/11/2025")]
    [InlineData("list", "--since", "2025-11-21T04:43:20 ")]
    [InlineData("export", "--format", "xml")]
    [InlineData("nonsense")]
    public async Task Misuse_says_what_is_wrong_on_stderr_and_exits_with_two(params string[] arguments)
    {
        var (exitCode, _, error) = await RunAsync(arguments);

        exitCode.ShouldBe(2);
        error.ShouldStartWith("brokerctl: ");
    }

    [Fact]
    public async Task A_file_that_is_no_ledger_is_named()
    {
        var path = Write("text", new string('x', 5000));

        var (exitCode, _, error) = await RunAsync("stats", "--db", path);

        exitCode.ShouldBe(2);
        error.ShouldContain(path);
    }

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
        RecordId = RecordId.New(DateTimeOffset.FromUnixTimeSeconds(1_763_700_000 + n)),
        MintedAt = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000 + n),
        Kind = n % 10 == 0 ? Token : Credentials,
        Outcome = n % 10 == 1 ? LedgerOutcome.Denied : LedgerOutcome.Ok,
        Detail = n % 10 == 1 ? "no grant, said \"policy\"" : null,
        RequestedRole = n % 10 == 0 ? "oidc_jwt" : "arn:aws:iam::1:role/data",
        Actor = ActorOmni.TryParse(new string('5', 64), out var omni)
            && EthereumAddress.TryParse("0x2c7536e3605d9c16a7a3d7b1898e529396a65c23", out var wallet)
            ? EntryActor.Of(omni, wallet)
            : default,
        Bearer = Sha256Digest.Of("a bearer"),
        Lifetime = TimeSpan.FromHours(1),
        Session = EntrySession.Of($"agent-{n}"),
    };

    private ReleaseLedger Open() =>
        SqliteLedger.Open(new SqliteLedgerOptions { Path = Db, Origin = Origin, Kinds = Kinds }, _key, TimeProvider.System);

    private void Sqlite(string sql)
    {
        using var process = System.Diagnostics.Process.Start("sqlite3", [Db, sql]);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Keeps what is written and says when a word has come by.</summary>
    private sealed class WaitingWriter(string word) : StringWriter
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Something was written.</summary>
        public Task Begun => _begun.Task;

        public Task Seen => _seen.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            _begun.TrySetResult();
            if (value?.Contains(word, StringComparison.Ordinal) == true) _seen.TrySetResult();
        }
    }
}
