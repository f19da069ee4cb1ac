namespace Broker.Roles;

/// <summary>
/// An IAM role's ARN, <c>arn:&lt;partition&gt;:iam::&lt;account&gt;:role/&lt;path and name&gt;</c>. Any partition; the
/// account has twelve digits; it may be empty or a tenant's name, as with other STS implementations.
/// </summary>
internal readonly record struct RoleArn(string Text, string Partition, string Account)
{
    private const int Longest = 2048;

    public static bool TryParse(string? text, out RoleArn arn)
    {
        arn = default;
        if (text is null || text.Length > Longest) return false;
        var parts = text.Split(':', 6);
        if (parts is not ["arn", var partition, "iam", "", var account, var resource]) return false;
        if (partition.Length is 0 or > 32
            || !partition.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            return false;
        if (account.Length > 64 || !account.All(char.IsAsciiLetterOrDigit)) return false;

        // Digits alone are an AWS account, which has twelve; tenants of other implementations are names.
        if (account.Length is not (0 or 12) && account.All(char.IsAsciiDigit)) return false;
        if (!resource.StartsWith("role/", StringComparison.Ordinal) || resource.Length is < 6 or > 581) return false;
        var pathAndName = resource.AsSpan(5).ToString();
        if (!pathAndName.All(c => char.IsAsciiLetterOrDigit(c) || "_+=,.@-/".Contains(c, StringComparison.Ordinal)))
            return false;
        arn = new RoleArn(text, partition, account);
        return true;
    }

    public override string ToString() => Text;
}
