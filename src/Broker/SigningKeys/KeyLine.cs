using Broker.Foundation.Settings;
using Microsoft.Data.Sqlite;

namespace Broker.SigningKeys;

/// <summary>A purpose's keys, version after version, whatever kind they are.</summary>
internal interface IKeyLine
{
    string Purpose { get; }

    /// <summary>The plan at this moment, with the versions' rows.</summary>
    (KeyPlan Plan, IReadOnlyList<KeyVersion> Versions) Read();

    /// <summary>What stands in a version's row as its key's id.</summary>
    /// <exception cref="BootFailException">The key cannot be used, or is another than the row names.</exception>
    string IdOf(int version);
}

/// <summary>
/// The keys of one purpose, version after version: which of them sign and are published now, loaded once each.
/// </summary>
/// <typeparam name="TKey">A key with all that is published of it.</typeparam>
/// <param name="load">Loads a version; throws <see cref="BootFailException"/> where it cannot be used.</param>
/// <param name="idOf">What the version's row names it by.</param>
internal sealed class KeyLine<TKey>(
    string purpose, IKeyVersions store, Func<int, TKey> load, Func<TKey, string> idOf, TimeProvider time)
    : IKeyLine
    where TKey : class
{
    private readonly Dictionary<int, TKey> _loaded = [];
    private IReadOnlyList<KeyVersion> _versions = [];

    public string Purpose => purpose;

    /// <summary>Another text whenever the plan is another. Never throws: what cannot be read stays as it was.</summary>
    public string State
    {
        get
        {
            try
            {
                _versions = store.Of(purpose);
            }
            catch (SqliteException)
            {
                // The versions that are known go on, by the clock.
            }

            return KeySchedule.At(purpose, _versions, time.GetUtcNow()).ToString();
        }
    }

    public (KeyPlan Plan, IReadOnlyList<KeyVersion> Versions) Read()
    {
        _versions = store.Of(purpose);
        return (KeySchedule.At(purpose, _versions, time.GetUtcNow()), _versions);
    }

    /// <summary>A version's key, which is the one that its row names.</summary>
    /// <exception cref="BootFailException">It cannot be used, or is another.</exception>
    public TKey Load(int version)
    {
        lock (_loaded)
        {
            if (_loaded.TryGetValue(version, out var known)) return known;
            var key = load(version);
            var row = _versions.FirstOrDefault(one => one.Version == version);
            if (row is not null && row.KeyId != idOf(key))
            {
                throw BootFailException.At(
                    KeySettings.Source, $"{purpose} v{version}",
                    $"the key is {idOf(key)}, but the state database knows {row.KeyId} as this version");
            }

            _loaded.Add(version, key);
            return key;
        }
    }

    public string IdOf(int version) => idOf(Load(version));
}
