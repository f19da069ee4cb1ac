using BenchmarkDotNet.Attributes;
using Broker.Cryptography;
using Broker.Ledger;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Benchmarks.Ledger;

/// <summary>What one entry and one commit cost in computation alone.</summary>
[MemoryDiagnoser]
public class EntryBenchmarks
{
    private readonly CanonicalEntry _canonical = new();
    private readonly LedgerColumns _entry = SampleEntries.Make(1).ToColumns();
    private readonly NoteSigner _signer = new("broker.example/ledger", Ed25519SigningKey.Generate());
    private readonly RightEdge _edge = new();
    private readonly List<FullTile> _full = [];
    private TreeSnapshot _snapshot = null!;
    private string _note = "";

    [GlobalSetup]
    public void Grow()
    {
        for (var n = 0; n < 1_000_000; n++)
        {
            if (n % 1000 == 0) _full.Clear();
            _edge.Append(TreeHasher.Leaf(BitConverter.GetBytes(n)), _full);
        }

        _snapshot = _edge.Snapshot(_full);
        _note = Sign();
    }

    [Benchmark]
    public int CanonicalBytes()
    {
        _canonical.Write(_entry, 1_000_000);
        return _canonical.Bytes.Length;
    }

    [Benchmark]
    public MerkleHash CanonicalBytesAndLeafHash()
    {
        _canonical.Write(_entry, 1_000_000);
        return _canonical.LeafHash;
    }

    [Benchmark]
    public string Sign() =>
        _signer.Sign(new Checkpoint("broker.example/ledger", _snapshot.Size, _snapshot.Root()).ToText());

    [Benchmark]
    public string Receipt()
    {
        Span<MerkleHash> path = stackalloc MerkleHash[MerkleProofs.MaxLength];
        var length = MerkleProofs.Inclusion(_snapshot, 999_999, _snapshot.Size, path);
        return InclusionReceipt.Format(999_999, path[..length], _note);
    }
}
