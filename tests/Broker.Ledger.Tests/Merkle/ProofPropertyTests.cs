using Broker.Ledger.Merkle;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Ledger.Tests.Merkle;

public sealed class ProofPropertyTests
{
    private const int MostLeaves = 700;

    private static readonly ReferenceTree Tree = ReferenceTree.OfNumbers(MostLeaves);

    private static readonly Gen<(int Index, int Size)> Places =
        from size in Gen.Choose(1, MostLeaves)
        from index in Gen.Choose(0, size - 1)
        select (index, size);

    [Fact]
    public void The_proof_of_any_leaf_in_any_tree_holds() => Prop.ForAll(Places.ToArbitrary(), place =>
        MerkleVerifier.IsIncluded(
            Tree.Leaves[place.Index], place.Index, place.Size,
            Tree.Inclusion(place.Index, place.Size), Tree.Root(0, place.Size))).QuickCheckThrowOnFailure();

    [Fact]
    public void Consistency_of_every_older_tree_holds_and_of_no_other()
    {
        for (var newSize = 0; newSize <= 70; newSize++)
        {
            for (var oldSize = 0; oldSize <= newSize; oldSize++)
            {
                var proof = Tree.Consistency(oldSize, newSize);
                var newRoot = Tree.Root(0, newSize);
                MerkleVerifier.IsConsistent(oldSize, newSize, proof, Tree.Root(0, oldSize), newRoot).ShouldBeTrue();
                if (oldSize == 0) continue;
                MerkleVerifier.IsConsistent(oldSize, newSize, proof, TreeHasher.Empty, newRoot).ShouldBeFalse();
                MerkleVerifier.IsConsistent(
                    oldSize, newSize, proof, Tree.Root(0, oldSize), TreeHasher.Empty).ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_an_inclusion_proof_fails()
    {
        var cases = from place in Places
                    from hash in Gen.Choose(
            0, 63)
                    from bit in Gen.Choose(0, 255)
                    select (place, hash, bit);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var (index, size) = c.place;
            var proof = Tree.Inclusion(index, size);
            var leaf = Tree.Leaves[index];
            var root = Tree.Root(0, size);
            var isLeaf = c.hash >= proof.Length;
            var broken = isLeaf ? leaf : proof[c.hash];
            broken = Flip(broken, c.bit);
            if (isLeaf) leaf = broken;
            else proof[c.hash] = broken;
            return !MerkleVerifier.IsIncluded(leaf, index, size, proof, root)
                && !MerkleVerifier.IsIncluded(
                    Tree.Leaves[index], index, size, Tree.Inclusion(index, size), Flip(root, c.bit));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_proof_does_not_hold_at_another_index_or_with_a_hash_more_or_less() =>
        Prop.ForAll(Places.ToArbitrary(), place =>
    {
        var (index, size) = place;
        var proof = Tree.Inclusion(index, size);
        var leaf = Tree.Leaves[index];
        var root = Tree.Root(0, size);
        return Enumerable.Range(-1, size + 2).Where(other => other != index)
                .All(other => !MerkleVerifier.IsIncluded(leaf, other, size, proof, root))
            && !MerkleVerifier.IsIncluded(leaf, index, size, [.. proof, root], root)
            && (proof.Length == 0 || !MerkleVerifier.IsIncluded(leaf, index, size, proof.AsSpan(1), root));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_growing_edge_agrees_with_the_reference_over_tile_borders_and_after_a_rollback()
    {
        var edge = new RightEdge();
        var full = new List<FullTile>();
        for (var size = 1; size <= MostLeaves; size++)
        {
            // What a failed commit would have added is forgotten again.
            var mark = edge.Mark();
            var lost = new List<FullTile>();
            for (var n = 0; n < 3; n++) edge.Append(TreeHasher.Empty, lost);
            edge.Return(mark);

            edge.Append(Tree.Leaves[size - 1], full);
            edge.Size.ShouldBe(size);
            edge.Snapshot([]).Root().ShouldBe(Tree.Root(0, size));
        }

        full.Count.ShouldBe(2);
    }

    [Fact]
    public void A_snapshot_proves_its_batch_while_the_edge_grows_on()
    {
        var edge = new RightEdge();
        var snapshots = new List<(int From, TreeSnapshot Tree)>();
        for (var from = 0; from < MostLeaves; from += 35)
        {
            var full = new List<FullTile>();
            for (var n = from; n < from + 35; n++) edge.Append(Tree.Leaves[n], full);
            snapshots.Add((from, edge.Snapshot(full)));
        }

        Span<MerkleHash> path = stackalloc MerkleHash[MerkleProofs.MaxLength];
        foreach (var (from, tree) in snapshots)
        {
            for (var index = from; index < from + 35; index++)
            {
                var length = MerkleProofs.Inclusion(tree, index, tree.Size, path);
                path[..length].ToArray().ShouldBe(Tree.Inclusion(index, (int)tree.Size));
            }
        }
    }

    private static MerkleHash Flip(in MerkleHash hash, int bit)
    {
        var bytes = Convert.FromHexString(hash.ToHex());
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return new MerkleHash(bytes);
    }
}
