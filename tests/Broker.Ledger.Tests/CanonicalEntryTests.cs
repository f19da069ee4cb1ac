using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Ledger.Tests;

public sealed class CanonicalEntryTests
{
    /// <summary>The example at the top of <c>CanonicalEntry.cs</c>.</summary>
    private static readonly string Example = """
        {"access_key_id":"","actor_omni":"","evidence":"","expires_at":0,"id":1,"kind":"oidc_token",
        "minted_at":1763700000,"outcome":"auth_failed","outcome_detail":"the token \"expired\"",
        "record_id":"aud_1763700000_00112233445566ff","request_hash":"","request_id":"req-1",
        "requested_role":"oidc_jwt","requester_token":"","requester_wallet":"unknown",
        "session_duration_seconds":0,"sts_session_name":"(unauthenticated)","subject":"","v":1}
        """.Replace("\n", "", StringComparison.Ordinal);

    // Python's word for the same row: its own JSON writer, its own SHA-256.
    private const string PythonCanonical = """
        import hashlib, json, sys
        for line in sys.stdin:
            row = json.loads(line)
            row["v"] = 1
            data = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            print(data.hex(), hashlib.sha256(b"\0" + data).hexdigest())
        """;

    private static readonly LedgerColumns ExampleEntry = new()
    {
        MintedAt = 1_763_700_000,
        RequesterToken = "",
        RequesterWallet = "unknown",
        RequestedRole = "oidc_jwt",
        SessionDurationSeconds = 0,
        StsSessionName = "(unauthenticated)",
        Outcome = "auth_failed",
        OutcomeDetail = "the token \"expired\"",
        RecordId = "aud_1763700000_00112233445566ff",
        Kind = "oidc_token",
        RequestId = "req-1",
    };

    [Fact]
    public void The_worked_example_is_what_it_says()
    {
        Encoding.UTF8.GetString(CanonicalEntry.ToArray(ExampleEntry, 1)).ShouldBe(Example);

        var source =
            File.ReadAllText(Path.Combine(Fixtures.RepositoryRoot, "src", "Broker.Ledger", "CanonicalEntry.cs"));
        var documented = string.Concat(source.Split('\n').Select(line => line.Trim().TrimStart('/').TrimStart()));
        documented.ShouldContain(Example);
        documented.ShouldContain(Broker.Ledger.Merkle.TreeHasher.Leaf(Encoding.UTF8.GetBytes(Example)).ToHex());
    }

    [Fact]
    public void Python_writes_the_same_bytes_for_any_row()
    {
        var entries = Gen.Sample(Entry, 300).ToList();
        var rows = string.Concat(entries.Select((entry, index) => RowAsJson(entry, index + 1) + "\n"));

        var (exitCode, output) = Python.Run(rows, "-X", "utf8", "-c", PythonCanonical);

        exitCode.ShouldBe(0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(entries.Count);
        var writer = new CanonicalEntry();
        for (var i = 0; i < entries.Count; i++)
        {
            writer.Write(entries[i], i + 1);
            lines[i].ShouldBe($"{Convert.ToHexStringLower(writer.Bytes)} {writer.LeafHash.ToHex()}");
        }
    }

    [Fact]
    public async Task The_row_in_the_file_gives_the_bytes_of_the_receipt_whatever_the_texts()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        foreach (var texts in Gen.Sample(Entry, 60))
        {
            var entry = Entries.Granted() with
            {
                RecordId = RecordId.New(DateTimeOffset.UnixEpoch),
                RequestedRole = texts.RequestedRole,
                Detail = texts.OutcomeDetail,
                Subject = texts.Subject,
                Evidence = EntryEvidence.Of(("text", texts.Evidence)),
            };
            var receipt = await ledger.AppendAsync(entry, CancellationToken.None);

            var row = ledger.Reader.Find(receipt.RecordId)!;
            row.ToCanonicalBytes().ShouldBe(receipt.CanonicalEntry);
            receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character()
    {
        var bytes = CanonicalEntry.ToArray(ExampleEntry with { OutcomeDetail = "a\ud800b\"\udc00" }, 1);

        Encoding.UTF8.GetString(bytes).ShouldContain("\"a\ufffdb\\\"\ufffd\"");
    }

    [Theory]
    [InlineData("undeclared kind")]
    [InlineData("too long")]
    public async Task An_entry_that_breaks_a_rule_is_the_callers_bug_and_reaches_no_file(string rule)
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        var entry = rule == "too long"
            ? Entries.Granted() with { Detail = new string('x', CanonicalEntry.MaxLength) }
            : Entries.Granted() with { Kind = new EntryKind(Entries.Credentials.Text) };

        await Should.ThrowAsync<ArgumentException>(ledger.AppendAsync(entry, CancellationToken.None).AsTask());

        ledger.Reader.Size().ShouldBe(0);
    }

    private static Gen<string> Text =>
        from pieces in Gen.Elements("", "a", "\"", "\\", "/", "\n", "\r\t", "\b\f", "\0", "\u001f", "\u007f", "é",
            "\u2028", "€", "😀", "<&>'", "\ufffd", "long text ")
            .ListOf()
        select string.Concat(pieces);

    private static Gen<LedgerColumns> Entry =>
        from role in Text
        from session in Text
        from detail in Gen.OneOf(Gen.Constant<string?>(null), Text.Select(text => (string?)text))
        from subject in Text
        from evidence in Text
        from number in Gen.Choose(int.MinValue, int.MaxValue)
        select ExampleEntry with
        {
            RequestedRole = role,
            StsSessionName = session,
            OutcomeDetail = detail,
            Subject = subject,
            Evidence = evidence,
            SessionDurationSeconds = number,
            MintedAt = number * 1_000_000L,
            ExpiresAt = -number * 4_000_000L,
        };

    private static string RowAsJson(LedgerColumns entry, long id) =>
        JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["id"] = id,
            ["minted_at"] = entry.MintedAt,
            ["requester_token"] = entry.RequesterToken,
            ["requester_wallet"] = entry.RequesterWallet,
            ["requested_role"] = entry.RequestedRole,
            ["session_duration_seconds"] = entry.SessionDurationSeconds,
            ["sts_session_name"] = entry.StsSessionName,
            ["outcome"] = entry.Outcome,
            ["outcome_detail"] = entry.OutcomeDetail,
            ["record_id"] = entry.RecordId,
            ["kind"] = entry.Kind,
            ["actor_omni"] = entry.ActorOmni,
            ["subject"] = entry.Subject,
            ["request_id"] = entry.RequestId,
            ["request_hash"] = entry.RequestHash,
            ["access_key_id"] = entry.AccessKeyId,
            ["expires_at"] = entry.ExpiresAt,
            ["evidence"] = entry.Evidence,
        });
}
