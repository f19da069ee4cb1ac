using Broker.Foundation.Results;

namespace Broker.Kms.Admin;

/// <summary>The folders of downloaded OS images and computed measurements, as an operator clears them.</summary>
internal sealed class ImageCache(string folder)
{
    /// <summary>
    /// Clears one image and one measurement by their keys, or all of a kind with <c>all</c>; an empty key clears
    /// nothing.
    /// </summary>
    public Refusal? Clear(string imageHash, string configHash) =>
        ClearKind("images", imageHash)?.Within("failed to clear image cache")
        ?? ClearKind("measurements", configHash)?.Within("failed to clear measurement cache");

    private Refusal? ClearKind(string kind, string key)
    {
        if (key.Length == 0) return null;
        // Hex digits only, so that no key can name a path outside the folder.
        if (key != "all" && !key.All(char.IsAsciiHexDigit))
            return new Refusal(AdminRefusals.CacheKeyInvalid, "invalid cache key");
        var cache = Path.Combine(folder, kind);
        if (!Directory.Exists(cache)) return null;
        if (key == "all")
        {
            Directory.Delete(cache, recursive: true);
            return null;
        }

        var entry = Path.Combine(cache, key.ToLowerInvariant());
        if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
        File.Delete(entry);
        File.Delete(entry + ".json");
        return null;
    }
}
