using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// Key files: one signs, further ones are published beside it. A path of a further one may be that of a folder, all of
/// whose <c>*.json</c> are published.
/// </summary>
internal sealed class FileKeySource(RingFiles files, string sessionKeyFile, string issuer, TimeProvider time) : IKeySource
{
    /// <summary>The thumbprint of the session key, which must not be an OIDC key; null until it is known.</summary>
    public string? SessionKey { get; set; }

    /// <summary>Names, lengths and times of the files.</summary>
    public string State
    {
        get
        {
            try
            {
                var paths = files.Published.SelectMany(FilesAt).Prepend(files.Signing);
                return string.Join('\n', paths.SelectMany(path => (string[])[path, path + ".crt"])
                    .Select(path => new FileInfo(path)).Where(file => file.Exists)
                    .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                return unreadable.Message;
            }
        }
    }

    public SourceKeys Load()
    {
        var published = new List<PublishedKey> { Load(files.Signing, files.SigningSetting) };
        foreach (var path in files.Published.SelectMany(FilesAt)) published.Add(Load(path, files.PublishedSetting));

        // AWS takes the last key of those that share a kid; a clash would make our own tokens fail.
        if (published.Select(one => one.Key.KeyId).Distinct(StringComparer.Ordinal).Count() != published.Count)
        {
            throw BootFailException.At(files.PublishedSetting, string.Join(',', files.Published),
                "names two keys with the same kid");
        }

        return published.All(one => one.Key.Thumbprint != SessionKey)
            ? new SourceKeys(published, new HashSet<string>())
            : throw SharedKey(sessionKeyFile);
    }

    private PublishedKey Load(string path, Setting setting) =>
        PublishedKey.Load(path, files.Purpose, setting, issuer, time);

    /// <summary>The session key is an OIDC key too.</summary>
    public static BootFailException SharedKey(string sessionKeyFile) => BootFailException.At(
        KeySettings.SessionKeyFile, sessionKeyFile,
        "holds the same key as an OIDC key file; the session key must be its own");

    private static IEnumerable<string> FilesAt(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal)
        : [path];
}
