using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;

namespace Broker.Ledger.Tests.Storage;

/// <summary>A ledger that is large enough for tiles of three levels.</summary>
public sealed class DeepTreeTests
{
    private const int Rows = 66_000;

    [Fact]
    public async Task Proofs_tiles_and_a_restart_hold_over_all_levels()
    {
        using var folder = new LedgerFolder();
        await using (var ledger = folder.Open())
        {
            for (var from = 0; from < Rows; from += 1000)
            {
                var appends = Enumerable.Range(from, 1000)
                    .Select(n => ledger.AppendAsync(Entries.Granted(n), CancellationToken.None).AsTask());
                foreach (var receipt in (await Task.WhenAll(appends)).Where(receipt => receipt.Index % 97 == 0))
                {
                    receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
                }
            }
        }

        await using var opened = folder.Open();
        var last = await opened.AppendAsync(Entries.Granted(Rows), CancellationToken.None);
        last.Index.ShouldBe(Rows);
        last.FaultOf(opened.VerifierKey).ShouldBeNull();

        foreach (var index in (long[])[0, 1, 255, 256, 65_279, 65_280, 65_535, 65_536, Rows - 1, Rows])
        {
            var row = opened.Reader.At(index + 1)!;
            InclusionReceipt.TryParse(opened.Reader.Receipt(index)!, out var receipt).ShouldBeTrue();
            receipt!.FindFault(row.ToCanonicalBytes(), opened.VerifierKey).ShouldBeNull();
        }

        foreach (var oldSize in (long[])[1, 256, 1000, 65_536, 65_537, Rows])
        {
            opened.Reader.Consistency(oldSize, Rows + 1)!.Holds.ShouldBeTrue();
        }

        TilesBuildOnEachOther(opened.Reader);
        folder.Verify(opened.VerifierKey)
            .Findings.ShouldBeEmpty();
    }

    private static void TilesBuildOnEachOther(LedgerReader reader)
    {
        // 66 001 = 257 full tiles of 256 leaves and 209 more; 257 = one full tile of level 1 and one hash more.
        var leaves = Hashes(reader, "0/257.p/209");
        leaves[0].ToHex().ShouldBe(reader.At(257 * 256 + 1)!.LeafHash);
        var level1 = Hashes(reader, "1/000");
        level1[3].ShouldBe(RootOf(Hashes(reader, "0/003")));
        Hashes(reader, "1/001.p/1")[0].ShouldBe(RootOf(Hashes(reader, "0/256")));
        Hashes(reader, "2/000.p/1")[0].ShouldBe(RootOf(level1));
        reader.Tile(new TilePath(0, 257, 256)).ShouldBeNull();
        reader.Tile(new TilePath(2, 0, 2)).ShouldBeNull();
        reader.Tile(new TilePath(3, 0, 1)).ShouldBeNull();
    }

    private static MerkleHash RootOf(MerkleHash[] hashes)
    {
        while (hashes.Length > 1) hashes = [.. hashes.Chunk(2).Select(pair => TreeHasher.Node(pair[0], pair[1]))];
        return hashes[0];
    }

    private static MerkleHash[] Hashes(LedgerReader reader, string path)
    {
        TilePath.TryParse(path, out var tile).ShouldBeTrue();
        var bytes = reader.Tile(tile).ShouldNotBeNull(path);
        bytes.Length.ShouldBe(32 * tile.Width);
        return [.. bytes.Chunk(32).Select(hash => new MerkleHash(hash))];
    }
}
