using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>Where the OIDC keys come from: key files, or whatever else keeps keys.</summary>
internal interface IKeySource
{
    /// <summary>The keys as they are now: the first signs, all are published.</summary>
    /// <exception cref="BootFailException">They cannot be used; it says which and why.</exception>
    SourceKeys Load();

    /// <summary>Another text whenever the keys may have changed. Never throws.</summary>
    string State { get; }
}

/// <summary>The keys of a source.</summary>
/// <param name="Keys">The first signs, all are published.</param>
/// <param name="Withdrawn">
/// Thumbprints of keys that are not to be published any more, whatever they signed a moment ago.
/// </param>
internal sealed record SourceKeys(IReadOnlyList<PublishedKey> Keys, IReadOnlySet<string> Withdrawn);
