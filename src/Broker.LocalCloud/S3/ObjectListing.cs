namespace Broker.LocalCloud.S3;

/// <summary>
/// Which keys a listing wants: those after <paramref name="After"/> that begin with the prefix, so many at most.
/// </summary>
/// <param name="Delimiter">
/// Keys that hold it behind the prefix are shown once, as a common prefix; empty for none.
/// </param>
internal sealed record ListingWish(string Prefix, string Delimiter, string After, int MaxKeys);

/// <summary>
/// A page of a bucket: objects and common prefixes in one order, and the last of them if there is more.
/// </summary>
internal sealed record ObjectListing(
    IReadOnlyList<StoredObject> Objects, IReadOnlyList<string> CommonPrefixes, string? ContinueAfter)
{
    /// <param name="inOrder">The bucket's objects by key.</param>
    public static ObjectListing Of(IEnumerable<StoredObject> inOrder, ListingWish wish)
    {
        var objects = new List<StoredObject>();
        var prefixes = new List<string>();
        var last = "";
        foreach (var stored in inOrder)
        {
            if (!stored.Key.StartsWith(wish.Prefix, StringComparison.Ordinal)) continue;
            var shared = CommonPrefix(stored.Key, wish);
            if (string.CompareOrdinal(shared ?? stored.Key, wish.After) <= 0) continue;
            if (shared is not null && shared == last) continue;
            if (objects.Count + prefixes.Count == wish.MaxKeys)
                return new(objects, prefixes, wish.MaxKeys == 0 ? null : last);

            if (shared is null) objects.Add(stored);
            else prefixes.Add(shared);
            last = shared ?? stored.Key;
        }

        return new(objects, prefixes, null);
    }

    private static string? CommonPrefix(string key, ListingWish wish)
    {
        if (wish.Delimiter.Length == 0) return null;
        var at = key.IndexOf(wish.Delimiter, wish.Prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + wish.Delimiter.Length)];
    }
}
