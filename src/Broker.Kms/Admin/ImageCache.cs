using Broker.Ledger;

namespace Broker.Kms.Admin;

/// <summary>The folders of downloaded OS images and computed measurements, as an operator clears them.</summary>
internal sealed class ImageCache(string folder)
{
    /// <summary>Clears one image or measurement by its key, or all of them with <c>all</c>; empty clears nothing.</summary>
    public Refusal? Clear(string imageHash, string configHash) =>
        ClearKind("images", imageHash)?.Within("failed to clear image cache")
        ?? ClearKind("measurements", configHash)?.Within("failed to clear measurement cache");

    private Refusal? ClearKind(string kind, string key)
    {
        if (key.Length == 0) return null;
        var cache = Path.Combine(folder, kind);
        if (key == "all")
        {
            if (Directory.Exists(cache)) Directory.Delete(cache, recursive: true);
            return null;
        }

        // Hex digits only, so that no key can name a path outside the folder.
        if (!key.All(char.IsAsciiHexDigit)) return new Refusal("invalid cache key", LedgerOutcome.BadRequest);
        var entry = Path.Combine(cache, key.ToLowerInvariant());
        if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
        File.Delete(entry);
        File.Delete(entry + ".json");
        return null;
    }
}
