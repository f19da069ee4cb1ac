namespace Broker.Configuration;

/// <summary>The form of settings that name a bucket.</summary>
internal static class BucketNames
{
    /// <summary>How the form of a bucket's name is told.</summary>
    public const string Form = "a bucket name by S3's rules: 3 to 63 of a-z, 0-9, single dots and hyphens";

    // Reserved by the naming rules: no general purpose bucket of anybody's has such a name.
    private static readonly string[] ReservedStarts = ["xn--", "sthree-", "amzn-s3-demo-"];

    private static readonly string[] ReservedEnds = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// <summary>
    /// Amazon S3 User Guide, "General purpose bucket naming rules". Narrower on purpose: no hyphen beside a dot, for
    /// the name must be one of a host.
    /// </summary>
    public static string Parse(string value)
    {
        var labels = value.Split('.');
        var isShaped = value.Length is >= 3 and <= 63
            && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
            && labels.All(label => label.Length > 0 && label[0] != '-' && label[^1] != '-');
        if (!isShaped)
            throw new FormatException("must be a bucket name: 3 to 63 of a-z, 0-9, between them single '.' or '-'");

        // Formatted as an address, whatever its numbers; digits alone are a name.
        if (labels.Length == 4 && labels.All(label => label.All(char.IsAsciiDigit)))
            throw new FormatException("must be a bucket name, not formatted as an IP address");
        var reserved = ReservedStarts.FirstOrDefault(start => value.StartsWith(start, StringComparison.Ordinal))
            ?? ReservedEnds.FirstOrDefault(end => value.EndsWith(end, StringComparison.Ordinal));
        return reserved is null
            ? value
            : throw new FormatException($"must be a bucket name; S3 keeps names with \"{reserved}\" for itself");
    }
}
