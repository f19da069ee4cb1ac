namespace Broker.Ledger.Merkle;

/// <summary>
/// The subtree over one tile: up to 256 hashes and every complete node above them, kept so that a proof is look-ups.
/// What is written is not written again except after <see cref="Truncate"/>, so a reader that stays below a count
/// it was given may share the tile with the writer.
/// </summary>
public sealed class TileNodes
{
    /// <summary>Hashes in a full tile (C2SP tlog-tiles).</summary>
    public const int Width = 256;

    /// <summary>Levels of nodes above a full tile's hashes.</summary>
    public const int Height = 8;

    private readonly MerkleHash[] _nodes = new MerkleHash[2 * Width - 1];

    /// <summary>How many of the tile's hashes there are.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == Width;

    /// <summary>The node over the whole of a full tile: one hash of the tile above.</summary>
    public ref readonly MerkleHash Root => ref Node(Height, 0);

    /// <summary>The tile's own hashes, in order.</summary>
    public ReadOnlySpan<MerkleHash> Hashes => _nodes.AsSpan(0, Count);

    public ref readonly MerkleHash Node(int height, int index) => ref _nodes[Offset(height) + index];

    /// <summary>Adds the next hash and every node that it completes: one node on average.</summary>
    public void Add(in MerkleHash hash)
    {
        var index = Count++;
        _nodes[index] = hash;
        for (var height = 0; (index & 1) == 1 && height < Height; height++)
        {
            var right = Offset(height) + index;
            index >>= 1;
            _nodes[Offset(height + 1) + index] = TreeHasher.Node(_nodes[right - 1], _nodes[right]);
        }
    }

    /// <summary>Forgets all but the first <paramref name="count"/> hashes.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);

    /// <summary>The hashes one after the other, as stored and served.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Count * MerkleHash.Size];
        for (var i = 0; i < Count; i++) _nodes[i].CopyTo(bytes.AsSpan(i * MerkleHash.Size));
        return bytes;
    }

    /// <summary>
    /// Reads what <see cref="ToBytes"/> wrote; trailing bytes that are not a whole hash are the caller's bug.
    /// </summary>
    public static TileNodes FromBytes(ReadOnlySpan<byte> bytes)
    {
        var tile = new TileNodes();
        for (; !bytes.IsEmpty; bytes = bytes[MerkleHash.Size..]) tile.Add(new MerkleHash(bytes));
        return tile;
    }

    // The nodes of height h follow those of all lower heights: 256, 128, 64, …
    private static int Offset(int height) => 2 * Width - (2 * Width >> height);
}
