using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// The OIDC keys of a process, a ring for each algorithm. All of them stand in the one JWKS; a token's audience chooses
/// the ring that signs it.
/// </summary>
/// <param name="rs256">Null where no relying party needs RS256.</param>
internal sealed class OidcKeys(KeyRing es256, KeyRing? rs256) : IChangingKeys, IDisposable
{
    public KeyRing Es256 => es256;

    public KeyRing? Rs256 => rs256;

    /// <summary>Every key that stands in the JWKS: ES256 first, in each ring the signing one first.</summary>
    public IEnumerable<PublishedKey> Published => rs256 is null
        ? es256.Published
        : es256.Published.Concat(rs256.Published);

    /// <summary>Another text whenever the source's keys may have changed.</summary>
    public string SourceState => $"{es256.SourceState}\n{rs256?.SourceState}";

    /// <summary>Takes the keys that the sources have now; one change a ring.</summary>
    /// <exception cref="BootFailException">
    /// Keys of a ring cannot be used; those of that ring and of the rings after it stay.
    /// </exception>
    public IEnumerable<KeyChange> Reload() => rs256 is null ? [es256.Reload()] : [es256.Reload(), rs256.Reload()];

    public void Dispose()
    {
        es256.Dispose();
        rs256?.Dispose();
    }
}
