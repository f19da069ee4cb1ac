using Broker.Configuration;

namespace Broker.SigningKeys;

/// <summary>
/// The OIDC keys. One signs; all are published. To rotate: publish the next key (announce), wait until relying parties
/// have fetched the JWKS again, make it the signing key, keep the old one published until its last token has expired.
/// </summary>
internal sealed class KeyRing : IDisposable
{
    private KeyRing(SigningKey signing, IReadOnlyList<PublishedKey> published)
    {
        Signing = signing;
        Published = published;
    }

    /// <summary>The key that signs OIDC tokens now.</summary>
    public SigningKey Signing { get; }

    /// <summary>Every key that stands in the JWKS, the signing one first.</summary>
    public IReadOnlyList<PublishedKey> Published { get; }

    /// <exception cref="BootFailException">A key file is not usable, or two keys share a kid.</exception>
    public static KeyRing Load(KeyFileOptions files, string issuer, TimeProvider time)
    {
        var published = new List<PublishedKey> { PublishedKey.Load(files.Oidc, KeySettings.OidcKeyFile, issuer, time) };
        foreach (var path in files.OidcPublished)
            published.Add(PublishedKey.Load(path, KeySettings.OidcPublishedKeyFiles, issuer, time));

        // AWS takes the last key of those that share a kid; a clash would make our own tokens fail.
        if (published.Select(one => one.Key.KeyId).Distinct(StringComparer.Ordinal).Count() != published.Count)
        {
            throw BootFailException.At(KeySettings.OidcPublishedKeyFiles, string.Join(',', files.OidcPublished),
                "names two keys with the same kid");
        }

        return new KeyRing(published[0].Key, published);
    }

    public void Dispose()
    {
        foreach (var one in Published) one.Key.Dispose();
    }
}
