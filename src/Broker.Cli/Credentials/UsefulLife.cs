namespace Broker.Cli.Credentials;

/// <summary>How long credentials that are kept are still handed on.</summary>
internal static class UsefulLife
{
    /// <summary>botocore renews what has less than a quarter of an hour left.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(16);

    /// <summary>
    /// When to renew them: 16 minutes before their end, and short ones when two thirds of their life are over. AWS's
    /// clients would take credentials for ended that come later.
    /// </summary>
    public static DateTimeOffset EndOf(DateTimeOffset mintedAt, DateTimeOffset expiresAt)
    {
        var third = (expiresAt - mintedAt) / 3;
        return expiresAt - (third < Longest ? third : Longest);
    }
}
