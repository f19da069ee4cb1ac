using Broker.Ledger.Merkle;

namespace Broker.Ledger.Tests.Merkle;

/// <summary>
/// RFC 6962 §2.1 word for word over an array of leaf hashes: slow, short, and in no way like the code under test.
/// </summary>
internal sealed class ReferenceTree(IReadOnlyList<MerkleHash> leaves) : ITreeNodes
{
    public static ReferenceTree OfNumbers(int size) =>
        new([.. Enumerable.Range(0, size).Select(n => TreeHasher.Leaf(BitConverter.GetBytes(n)))]);

    public IReadOnlyList<MerkleHash> Leaves => leaves;

    public MerkleHash Node(int height, long index) => Root((int)index << height, (int)(index + 1) << height);

    public MerkleHash Root(int start, int end)
    {
        var n = end - start;
        if (n == 0) return TreeHasher.Empty;
        if (n == 1) return leaves[start];
        var k = 1;
        while (k * 2 < n) k *= 2;
        return TreeHasher.Node(Root(start, start + k), Root(start + k, end));
    }

    public MerkleHash[] Inclusion(int index, int size)
    {
        Span<MerkleHash> path = stackalloc MerkleHash[MerkleProofs.MaxLength];
        return path[..MerkleProofs.Inclusion(this, index, size, path)].ToArray();
    }

    public MerkleHash[] Consistency(int oldSize, int newSize)
    {
        Span<MerkleHash> path = stackalloc MerkleHash[MerkleProofs.MaxLength];
        return path[..MerkleProofs.Consistency(this, oldSize, newSize, path)].ToArray();
    }
}
