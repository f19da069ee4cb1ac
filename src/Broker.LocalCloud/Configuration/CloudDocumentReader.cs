using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Policies;
using Broker.LocalCloud.Sts;

namespace Broker.LocalCloud.Configuration;

/// <summary>Turns a configuration into resources, or says which of its parts cannot be.</summary>
internal static partial class CloudDocumentReader
{
    /// <exception cref="LocalCloudConfigurationException">A part of the configuration is wrong.</exception>
    public static CloudResources Read(CloudDocument document)
    {
        var account = document.Account;
        if (account.Length != 0 && (account.Length != 12 || !account.All(char.IsAsciiDigit)))
            throw new LocalCloudConfigurationException($"account \"{account}\" is neither twelve digits nor empty");
        var resources = new CloudResources(
            account,
            [.. document.Providers.Select(provider => Provider(account, provider))],
            [.. document.Roles.Select(role => Role(account, role))],
            [.. document.Users.Select(user => User(account, user))],
            [.. document.Buckets.Select(Bucket)],
            document.MailIdentities);
        MustBeDistinct("provider", resources.Providers.Select(provider => provider.Issuer));
        MustBeDistinct("role", resources.Roles.Select(role => role.Name));
        MustBeDistinct("user", resources.Users.Select(user => user.Name));
        MustBeDistinct("access key", resources.Users.Select(user => user.AccessKeyId));
        MustBeDistinct("bucket", resources.Buckets.Select(bucket => bucket.Name));
        return resources;
    }

    private static OidcProvider Provider(string account, ProviderDocument provider)
    {
        if (!IssuerAddress.IsAcceptable(provider.Issuer) || provider.Issuer.EndsWith('/'))
            throw new LocalCloudConfigurationException(
                $"issuer \"{provider.Issuer}\" must be https, or http on loopback, "
                + "without a query or a slash at the end");
        return provider.ClientIds.Count is > 0 and <= 100
            ? new(Arn.OidcProvider(account, provider.Issuer), provider.Issuer, provider.ClientIds)
            : throw new LocalCloudConfigurationException($"provider {provider.Issuer} needs 1 to 100 client ids");
    }

    private static IamRole Role(string account, RoleDocument role)
    {
        if (role.MaxSessionSeconds is < 3600 or > 43200)
            throw new LocalCloudConfigurationException($"role {role.Name}: maxSessionSeconds must be 3600 to 43200");
        var name = role.Name[(role.Name.LastIndexOf('/') + 1)..];
        return new(
            account, name, Arn.Role(account, role.Name), KeyMaterial.Id("AROA"),
            Policy(role.TrustPolicy, PolicyKind.Trust, $"the trust policy of role {role.Name}"),
            Policies(role.Policies, $"role {role.Name}"), TimeSpan.FromSeconds(role.MaxSessionSeconds));
    }

    private static IamUser User(string account, UserDocument user)
    {
        if (user.AccessKeyId is null != user.SecretAccessKey is null)
            throw new LocalCloudConfigurationException(
                $"user {user.Name}: accessKeyId and secretAccessKey are given together or not at all");
        return new(
            account, user.Name, Arn.User(account, user.Name), KeyMaterial.Id("AIDA"),
            user.AccessKeyId ?? KeyMaterial.Id("AKIA"), user.SecretAccessKey ?? KeyMaterial.Secret(),
            Policies(user.Policies, $"user {user.Name}"));
    }

    private static Bucket Bucket(BucketDocument bucket) => BucketName().IsMatch(bucket.Name)
        ? new(
            bucket.Name,
            bucket.Policy is { } policy
                ? Policy(policy, PolicyKind.Resource, $"the policy of bucket {bucket.Name}")
                : null)
        : throw new LocalCloudConfigurationException(
            $"bucket \"{bucket.Name}\" must have 3 to 63 lower-case letters, digits, dots and dashes");

    private static PolicyDocument[] Policies(IReadOnlyList<JsonElement>? policies, string owner) =>
        [.. (policies ?? []).Select(policy => Policy(policy, PolicyKind.Identity, $"a policy of {owner}"))];

    private static PolicyDocument Policy(JsonElement policy, PolicyKind kind, string what) =>
        PolicyDocument.TryParse(policy.GetRawText(), kind, out var parsed, out var fault)
            ? parsed
            : throw new LocalCloudConfigurationException($"{what}: {fault}");

    private static void MustBeDistinct(string what, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (names.FirstOrDefault(name => !seen.Add(name)) is { } twice)
            throw new LocalCloudConfigurationException($"{what} \"{twice}\" is there twice");
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
