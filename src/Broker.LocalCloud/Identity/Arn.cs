namespace Broker.LocalCloud.Identity;

/// <summary>
/// Amazon resource names of this cloud. The account may be empty: other STS implementations have none.
/// </summary>
internal static class Arn
{
    public static string Role(string account, string pathAndName) => $"arn:aws:iam::{account}:role/{pathAndName}";

    public static string User(string account, string name) => $"arn:aws:iam::{account}:user/{name}";

    public static string Root(string account) => $"arn:aws:iam::{account}:root";

    public static string AssumedRole(string account, string role, string session) =>
        $"arn:aws:sts::{account}:assumed-role/{role}/{session}";

    /// <summary>The provider's ARN holds its issuer without the scheme.</summary>
    public static string OidcProvider(string account, string issuer) =>
        $"arn:aws:iam::{account}:oidc-provider/{WithoutScheme(issuer)}";

    public static string Bucket(string bucket) => $"arn:aws:s3:::{bucket}";

    public static string Object(string bucket, string key) => $"arn:aws:s3:::{bucket}/{key}";

    public static string MailIdentity(string region, string account, string identity) =>
        $"arn:aws:ses:{region}:{account}:identity/{identity}";

    public static string WithoutScheme(string issuer)
    {
        var colon = issuer.IndexOf("://", StringComparison.Ordinal);
        return colon < 0 ? issuer : issuer[(colon + 3)..];
    }
}
