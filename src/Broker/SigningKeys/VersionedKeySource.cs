using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// The OIDC keys of a source, of which one signs until the first rotation, and the versions that follow it. What the
/// operator publishes beside them stays published.
/// </summary>
/// <param name="first">Whose first key is version 1.</param>
internal sealed class VersionedKeySource(IKeySource first, KeyLine<PublishedKey> line) : IKeySource
{
    public string State => $"{first.State}\n{line.State}";

    public SourceKeys Load()
    {
        var configured = first.Load().Keys;
        var (plan, versions) = line.Read();
        List<PublishedKey> keys =
        [
            .. plan.Published.Select(version => version == 1 ? configured[0] : line.Load(version)),
            .. configured.Skip(1),
        ];
        var withdrawn = versions.Where(one => one.WithdrawnAt is not null).Select(one => one.KeyId).ToHashSet();
        return keys.Select(one => one.Key.KeyId).Distinct(StringComparer.Ordinal).Count() == keys.Count
            ? new SourceKeys(keys, withdrawn)
            : throw BootFailException.At(KeySettings.OidcPublishedKeyFiles, line.Purpose, "two keys have the same kid");
    }
}
