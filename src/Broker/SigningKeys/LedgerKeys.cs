using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.Ledger.Notes;

namespace Broker.SigningKeys;

/// <summary>
/// The keys that sign the ledger's checkpoints. While one follows another both sign, from the announcement on until the
/// old one retires; the note by which the old one vouches for the new one stays.
/// </summary>
internal sealed class LedgerKeys : IChangingKeys, IDisposable
{
    private readonly KeyLine<Ed25519SigningKey> _line;
    private volatile Keys _now;

    /// <exception cref="BootFailException">A key cannot be used.</exception>
    public LedgerKeys(KeyLine<Ed25519SigningKey> line)
    {
        _line = line;
        _now = Load();
    }

    /// <summary>The one to publish first.</summary>
    public IReadOnlyList<Ed25519SigningKey> Signing => _now.Signing;

    /// <summary>The first of the line, whose other uses outlast its signatures.</summary>
    public Ed25519SigningKey First => _line.Load(1);

    /// <summary>The notes of <see cref="KeySuccession"/>, the oldest first.</summary>
    public IReadOnlyList<string> Successions => _now.Successions;

    public string SourceState => _line.State;

    /// <summary>Called with every change; the ledger's, once it is open.</summary>
    public Action<LedgerKeys>? Changed { get; set; }

    /// <summary>A version's key.</summary>
    /// <exception cref="BootFailException">It cannot be used.</exception>
    public Ed25519SigningKey Of(int version) => _line.Load(version);

    /// <summary>Those who sign for a ledger of this origin.</summary>
    public CheckpointSigners SignersOf(string origin)
    {
        var now = _now;
        return new CheckpointSigners(origin, now.Signing, now.Former.Select(key => key.VerifyingKey));
    }

    public IEnumerable<KeyChange> Reload()
    {
        var before = _now;
        _now = Load();
        Changed?.Invoke(this);
        return
        [
            new KeyChange(
                KeyPurpose.Ledger, $"{Signing[0].VerifyingKey}", WasAnnounced: before.Signing.Contains(Signing[0]),
                [.. Signing.Select(key => $"{key.VerifyingKey}")]),
        ];
    }

    public void Dispose()
    {
        foreach (var key in _now.Signing.Concat(_now.Former).Append(First).Distinct()) key.Dispose();
    }

    private Keys Load()
    {
        var (plan, versions) = _line.Read();
        return new Keys(
            [.. plan.Published.Select(_line.Load)],
            [.. plan.States.Keys.Except(plan.Published).Order().Select(_line.Load)],
            [.. versions.Select(one => one.Succession).OfType<string>()]);
    }

    private sealed record Keys(
        IReadOnlyList<Ed25519SigningKey> Signing, IReadOnlyList<Ed25519SigningKey> Former,
        IReadOnlyList<string> Successions);
}
