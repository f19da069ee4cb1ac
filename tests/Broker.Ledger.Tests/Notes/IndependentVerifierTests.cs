using System.Text;
using System.Text.Json;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests.Notes;

/// <summary>
/// <c>tests/verifier/verify_receipt.py</c>, written from the specifications alone, judges receipts over plain files.
/// </summary>
public sealed class IndependentVerifierTests : IAsyncLifetime, IDisposable
{
    // Runs the verifier's own function over many cases in one process: a start of Python per flipped bit would take
    // minutes.
    private const string Many = """
        import base64, importlib.util, json, sys
        spec = importlib.util.spec_from_file_location("verifier", sys.argv[1])
        verifier = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(verifier)
        for line in sys.stdin:
            case = json.loads(line)
            try:
                receipt = base64.b64decode(case["Receipt"]).decode("utf-8")
                verifier.verify(receipt, base64.b64decode(case["Entry"]), case["Vkey"])
                print("ok")
            except (verifier.Refused, UnicodeDecodeError) as reason:
                print("refused:", reason)
        """;

    private static readonly string Script =
        Path.Combine(Fixtures.RepositoryRoot, "tests", "verifier", "verify_receipt.py");

    private readonly LedgerFolder _folder = new();
    private readonly List<LedgerReceipt> _receipts = [];
    private NoteKey _key = null!;

    public async Task InitializeAsync()
    {
        await using var ledger = _folder.Open(options => options with { MaxBatch = 100 });
        _key = ledger.VerifierKey;
        _receipts.AddRange(await Task.WhenAll(Enumerable.Range(0, 300)
            .Select(n => ledger.AppendAsync(
                n % 3 == 0 ? Entries.Refused(n, "zu spät 😀") : Entries.Granted(n), CancellationToken.None).AsTask())));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Accepts_a_receipt_over_plain_files_and_refuses_it_for_another_entry()
    {
        var receipt = Write("receipt.tlog-proof", Encoding.UTF8.GetBytes(_receipts[7].Proof));
        var entry = Write("entry.json", _receipts[7].CanonicalEntry);
        var other = Write("other.json", _receipts[8].CanonicalEntry);

        var accepted = Python.Run("", Script, receipt, "--vkey", _key.ToString(), "--entry", entry);
        var refused = Python.Run("", Script, receipt, "--vkey", _key.ToString(), "--entry", other);

        accepted.ExitCode.ShouldBe(0, accepted.Output);
        accepted.Output.ShouldContain($"entry {_receipts[7].Index} is in {LedgerFolder.Origin}");
        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("does not lead from the entry to the root");
    }

    [Fact]
    public void Accepts_every_receipt_of_every_batch() =>
        Judge(_receipts.Select(
            receipt => new Case(Encoding.UTF8.GetBytes(receipt.Proof), receipt.CanonicalEntry, _key.ToString())))
            .ShouldAllBe(verdict => verdict == "ok");

    [Fact]
    public void Refuses_a_receipt_or_entry_with_a_bit_flipped_in_any_byte()
    {
        var receipt = _receipts[123];
        var proof = Encoding.UTF8.GetBytes(receipt.Proof);
        var entry = receipt.CanonicalEntry;
        var cases =
            Enumerable.Range(0, proof.Length).Select(n => new Case(Flip(proof, 8 * n + n % 8), entry, _key.ToString()))
            .Concat(Enumerable.Range(
                0, entry.Length).Select(n => new Case(proof, Flip(entry, 8 * n + n % 8), _key.ToString())))
            .ToList();

        var verdicts = Judge(cases);

        verdicts.Count.ShouldBe(cases.Count);
        for (var i = 0; i < cases.Count; i++)
        {
            verdicts[i].StartsWith("refused", StringComparison.Ordinal).ShouldBeTrue($"case {i}");
        }
    }

    [Fact]
    public void The_ledgers_own_code_refuses_every_single_bit_flip_too()
    {
        var receipt = _receipts[123];
        var proof = Encoding.UTF8.GetBytes(receipt.Proof);
        var entry = receipt.CanonicalEntry;

        Holds(new Case(proof, entry, "")).ShouldBeTrue();
        for (var bit = 0; bit < proof.Length * 8; bit++) Holds(
            new Case(Flip(proof, bit), entry, "")).ShouldBeFalse($"bit {bit} of the receipt");
        for (var bit = 0; bit < entry.Length * 8; bit++) Holds(
            new Case(proof, Flip(entry, bit), "")).ShouldBeFalse($"bit {bit} of the entry");
    }

    private bool Holds(Case given)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(given.Receipt);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return InclusionReceipt.TryParse(text, out var receipt) && receipt.FindFault(given.Entry, _key) is null;
    }

    private static List<string> Judge(IEnumerable<Case> cases)
    {
        var input = string.Concat(cases.Select(given => JsonSerializer.Serialize(given) + "\n"));
        var (exitCode, output) = Python.Run(input, "-X", "utf8", "-c", Many, Script);
        exitCode.ShouldBe(0, output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder.Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private sealed record Case(byte[] Receipt, byte[] Entry, string Vkey);
}
