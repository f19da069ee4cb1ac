using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// The session keys, which change while the process runs: one signs; tokens of those before it are accepted until the
/// last of them has expired, and of the next one from its announcement on, when another node may sign with it already.
/// </summary>
internal sealed class SessionKeys : IChangingKeys, ISessionVerifier, IDisposable
{
    private readonly KeyLine<Es256Key> _line;
    private volatile Keys _now;

    /// <exception cref="BootFailException">A key cannot be used.</exception>
    public SessionKeys(KeyLine<Es256Key> line)
    {
        _line = line;
        _now = Load();
    }

    /// <summary>The key that signs now. Ask for it at each signature.</summary>
    public Es256Key Signing => _now.Accepted[0];

    /// <summary>Every key whose tokens are accepted, the signing one first.</summary>
    public IReadOnlyList<Es256Key> Accepted => _now.Accepted;

    public string SourceState => _line.State;

    /// <summary>The accepted key of this id; null where there is none.</summary>
    public Es256Key? Find(string? keyId)
    {
        foreach (var key in _now.Accepted)
        {
            if (key.KeyId == keyId) return key;
        }

        return null;
    }

    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        foreach (var key in _now.Accepted)
        {
            if (key.Verify(bytes, signature)) return true;
        }

        return false;
    }

    public bool Knows(string keyId) => Find(keyId) is not null;

    public bool Verify(string keyId, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        Find(keyId)?.Verify(bytes, signature) ?? false;

    /// <summary>Their public halves in PEM, the signing one first.</summary>
    public string ExportPublicKeysPem() => string.Concat(Accepted.Select(key => key.ExportPublicKeyPem() + "\n"));

    public IEnumerable<KeyChange> Reload()
    {
        var before = _now;
        _now = Load();
        return
        [
            new KeyChange(
                KeyPurpose.Session, Signing.KeyId, WasAnnounced: before.Accepted.Contains(Signing),
                [.. Accepted.Select(key => key.KeyId)]),
        ];
    }

    // Keys that are replaced are left to the garbage collector: another thread may be signing with one.
    public void Dispose()
    {
        foreach (var key in _now.Accepted) key.Dispose();
    }

    private Keys Load() => new([.. _line.Read().Plan.Published.Select(_line.Load)]);

    private sealed record Keys(IReadOnlyList<Es256Key> Accepted);
}

/// <summary>Tells what a broker's session keys have signed from what they have not.</summary>
internal interface ISessionVerifier
{
    /// <summary>
    /// Whether an accepted session key made the signature, raw r‖s over the SHA-256 of the bytes. Its twin with the
    /// other s is refused: what we signed has one spelling.
    /// </summary>
    bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature);

    /// <summary>Whether a key of this id may be among the accepted ones.</summary>
    bool Knows(string keyId);

    /// <summary>The same by the key of this id alone, where ids are known.</summary>
    bool Verify(string keyId, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature);
}

/// <summary>Writes tokens of one type with the session key that signs now.</summary>
internal sealed class SessionKeyWriter(SessionKeys keys, string type)
{
    private volatile JwsWriter _newest = new(keys.Signing, type);

    public JwsWriter Writer
    {
        get
        {
            var (writer, signing) = (_newest, keys.Signing);
            if (writer.Key != signing) _newest = writer = new JwsWriter(signing, type);
            return writer;
        }
    }
}
