using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.SigningKeys;

namespace Broker.StartRecords;

/// <summary>
/// What a start's settings are, by hash. A setting's value is hashed with its name; a secret's under a key that only
/// the ledger key gives (<see cref="DerivedKey"/>), so that a guess cannot be compared with the hash. A file is known
/// by its path: what stands in it is not a setting.
/// </summary>
internal sealed class SettingDigests
{
    private SettingDigests(Dictionary<string, string> digests, HashSet<string> set)
    {
        ByName = digests;
        Set = set;
    }

    /// <summary>Every setting's digest, by its name.</summary>
    public IReadOnlyDictionary<string, string> ByName { get; }

    /// <summary>The names of those that the operator has set.</summary>
    public IReadOnlySet<string> Set { get; }

    /// <summary>One hash over all of them.</summary>
    public Sha256Digest Whole => Sha256Digest.Of(string.Concat(ByName
        .OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}\n")));

    public static SettingDigests Of(BootEnvironment boot, IEnumerable<Setting> settings, Ed25519SigningKey ledgerKey)
    {
        var key = DerivedKey.Of(ledgerKey, "secret settings");
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        var set = new HashSet<string>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            if (boot.IsSet(setting)) set.Add(setting.Name);
            var text = Encoding.UTF8.GetBytes($"{setting.Name}={boot.Text(setting) ?? setting.Default}");
            digests[setting.Name] = Convert.ToHexStringLower(
                setting.Secret ? HMACSHA256.HashData(key, text) : SHA256.HashData(text));
        }

        CryptographicOperations.ZeroMemory(key);
        return new SettingDigests(digests, set);
    }

    /// <summary>
    /// The names whose value is another than before. One that was not known before has changed where it is set.
    /// </summary>
    public IReadOnlyList<string> ChangedSince(IReadOnlyDictionary<string, string> before) =>
    [
        .. ByName.Where(one => before.TryGetValue(one.Key, out var known) ? known != one.Value : Set.Contains(one.Key))
            .Select(one => one.Key).Order(StringComparer.Ordinal),
    ];
}
