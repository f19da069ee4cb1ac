namespace Broker.TestSupport;

/// <summary>
/// Other spellings of an address, such as servers and proxies are known to take for the same one. Under a rule of one
/// spelling (RFC 3986 §6.2.2.1) none of them is an address.
/// </summary>
internal static class Spellings
{
    public static IEnumerable<string> Other(string path) =>
        Variants(path).Where(other => other != path).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Variants(string path)
    {
        yield return "/" + path;
        yield return "/." + path;
        yield return "/x/.." + path;
        yield return "/%2e" + path;
        yield return path + "%20";
        yield return path + "%2F";
        var below = path.TrimEnd('/');
        yield return below + "//";
        yield return below + "/.";
        yield return below + "/x/..";
        if (below.Length == 0) yield break;
        yield return path.ToUpperInvariant();
        yield return path[..2].ToUpperInvariant() + path[2..];
        yield return path + "/";
        yield return path.Insert(path.LastIndexOf('/'), "/");
        yield return path.Insert(path.LastIndexOf('/'), "/.");
        yield return $"/%{(int)path[1]:X2}{path[2..]}";
        yield return $"{path[..^1]}%{(int)path[^1]:X2}";
        yield return "/\\" + path[1..];
    }
}
