using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>Keys that change while the process runs.</summary>
internal interface IChangingKeys
{
    /// <summary>Another text whenever the source's keys may have changed. Never throws.</summary>
    string SourceState { get; }

    /// <summary>Takes the keys that the sources have now.</summary>
    /// <exception cref="BootFailException">They cannot be used; those before stay.</exception>
    IEnumerable<KeyChange> Reload();
}

/// <summary>What a reload came to.</summary>
/// <param name="WasAnnounced">Whether the signing key was published before.</param>
internal sealed record KeyChange(string Purpose, string SigningKeyId, bool WasAnnounced, string[] PublishedKeyIds);
