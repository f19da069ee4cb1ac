namespace Broker.Cli.Iam;

/// <summary>
/// A role to write policies for. Its partition and account are those of its ARN, as the broker names it: other
/// partitions than <c>aws</c> exist, and other STS implementations leave the account empty.
/// </summary>
/// <param name="Bucket">Null where none is known.</param>
/// <param name="Via">The ARN of the role that this one trusts; null where it trusts the issuer.</param>
/// <param name="HoldsMail">Sessions reach <c>bots/&lt;wallet&gt;/</c> too, as in the mail bucket.</param>
/// <param name="NextRoles">The ARNs of the roles that are assumed from this one.</param>
internal sealed record IamRole(
    string Partition, string Account, string PathAndName, string? Bucket, string? Via, bool HoldsMail,
    int LongestSessionSeconds, IReadOnlyList<string> NextRoles)
{
    private const string Resource = "role/";

    public string Arn => $"arn:{Partition}:iam::{Account}:{Resource}{PathAndName}";

    /// <summary>What the AWS command line calls the role.</summary>
    public string Name => PathAndName[(PathAndName.LastIndexOf('/') + 1)..];

    /// <summary>Null where the role stands at the root, as most do.</summary>
    public string? Path => Name == PathAndName ? null : $"/{PathAndName[..^Name.Length]}";

    public string BucketArn => $"arn:{Partition}:s3:::{Bucket}";

    public string ProviderArn(string issuer) =>
        $"arn:{Partition}:iam::{Account}:oidc-provider/{IssuerName.Of(issuer)}";

    /// <summary>The parts of an ARN that a role's name and account come from; null where it is no role's.</summary>
    public static (string Partition, string Account, string PathAndName)? Split(string arn) =>
        arn.Split(':', 6) is ["arn", { Length: > 0 } partition, "iam", "", var account, var resource]
        && resource.StartsWith(Resource, StringComparison.Ordinal) && resource.Length > Resource.Length
            ? (partition, account, resource[Resource.Length..])
            : null;
}
