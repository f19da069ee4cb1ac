namespace Broker.LocalCloud.Signing;

/// <summary>The two ways in which AWS services put a path into the canonical request.</summary>
internal static class CanonicalPath
{
    /// <summary>
    /// S3: the path as sent, each byte escaped once, nothing removed; <c>//</c> and <c>..</c> are part of a key.
    /// </summary>
    public static string ForS3(string rawPath) => AwsEscape.Encode(Uri.UnescapeDataString(rawPath), keepSlash: true);

    /// <summary>
    /// Every other service: dot segments and doubled slashes removed (RFC 3986 §5.2.4), then the text as it stood on
    /// the wire escaped once more.
    /// </summary>
    public static string ForOtherServices(string rawPath)
    {
        var kept = new List<string>();
        foreach (var segment in rawPath.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == ".") continue;
            if (segment != "..") kept.Add(segment);
            else if (kept.Count > 0) kept.RemoveAt(kept.Count - 1);
        }

        if (kept.Count == 0) return "/";
        var last = rawPath[(rawPath.LastIndexOf('/') + 1)..];
        var folder = last is "" or "." or "..";
        return AwsEscape.Encode("/" + string.Join('/', kept) + (folder ? "/" : ""), keepSlash: true);
    }
}
