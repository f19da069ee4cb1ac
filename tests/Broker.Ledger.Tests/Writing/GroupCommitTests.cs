using Broker.Foundation.Results;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite;

namespace Broker.Ledger.Tests.Writing;

public sealed class GroupCommitTests : IDisposable
{
    private readonly LedgerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Answers_with_a_receipt_that_holds_and_a_row_that_is_in_the_file()
    {
        await using var ledger = _folder.Open();

        var receipt = await ledger.AppendAsync(Entries.Granted(), CancellationToken.None);

        receipt.Index.ShouldBe(0);
        receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
        var row = ledger.Reader.Find(receipt.RecordId.ToString()).ShouldNotBeNull();
        row.ToCanonicalBytes().ShouldBe(receipt.CanonicalEntry);
        row.LeafHash.ShouldBe(row.ComputeLeafHash().ToHex());
        ledger.Reader.NewestCheckpoint().ShouldBe(receipt.Checkpoint);
    }

    [Fact]
    public async Task Every_receipt_of_a_crowd_holds_and_indexes_have_no_gap()
    {
        await using var ledger = _folder.Open(options => options with { MaxBatch = 300 });

        var receipts = await Task.WhenAll(Enumerable.Range(0, 2000)
            .Select(n => ledger.AppendAsync(Entries.Granted(n), CancellationToken.None).AsTask()));

        receipts.Select(receipt => receipt.Index).Order().ShouldBe(Enumerable.Range(0, 2000).Select(n => (long)n));
        foreach (var receipt in receipts) receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
        ledger.Status.Size.ShouldBe(2000);
        ledger.Status.Commits.ShouldBeLessThan(2000);
    }

    [Fact]
    public async Task Takes_up_the_tree_where_it_was_left()
    {
        var checkpoints = new List<string>();
        for (var round = 0; round < 5; round++)
        {
            await using var ledger = _folder.Open();
            var receipts = await Task.WhenAll(Enumerable.Range(0, 137)
                .Select(n => ledger.AppendAsync(Entries.Granted(n), CancellationToken.None).AsTask()));
            checkpoints.Add(ledger.NewestCheckpoint);
            foreach (var receipt in receipts) receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
        }

        using var reader = SqliteLedger.OpenReader(_folder.File);
        reader.Size().ShouldBe(5 * 137);
        for (var old = 0; old < checkpoints.Count; old++)
        {
            var proof = reader.Consistency(137 * (old + 1), 5 * 137).ShouldNotBeNull();
            proof.Holds.ShouldBeTrue();
            SignedNote.TryParse(checkpoints[old], out var note).ShouldBeTrue();
            Checkpoint.TryParse(note!.Text, out var checkpoint).ShouldBeTrue();
            checkpoint!.Root.ShouldBe(proof.OldRoot);
        }
    }

    [Fact]
    public async Task A_record_id_used_twice_is_refused_and_its_batch_mates_are_not()
    {
        await using var ledger = _folder.Open();
        var first = Entries.Granted();
        await ledger.AppendAsync(first, CancellationToken.None);

        var mates = Enumerable.Range(
            1, 50).Select(n => ledger.AppendAsync(Entries.Granted(n), CancellationToken.None).AsTask()).ToList();
        var twin = ledger.AppendAsync(first with { Outcome = LedgerOutcome.Denied }, CancellationToken.None).AsTask();

        (await Should.ThrowAsync<LedgerUnavailableException>(twin)).Fault.ShouldBe(LedgerFault.WriteFailed);
        foreach (var receipt in await Task.WhenAll(mates)) receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
        ledger.Reader.Size().ShouldBe(51);
        ledger.Reader.Find(first.RecordId.ToString())!.Columns.Outcome.ShouldBe("ok");
    }
}
