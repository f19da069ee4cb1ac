namespace Broker.LocalCloud.Identity;

/// <summary>What the account holds. Read once at the start; nothing changes it afterwards.</summary>
/// <param name="MailIdentities">Addresses and domains from which SES may send.</param>
internal sealed record CloudResources(
    string Account, IReadOnlyList<OidcProvider> Providers, IReadOnlyList<IamRole> Roles, IReadOnlyList<IamUser> Users,
    IReadOnlyList<Bucket> Buckets, IReadOnlyList<string> MailIdentities)
{
    /// <summary>The provider whose URL is <paramref name="issuer"/>, byte for byte.</summary>
    public OidcProvider? Provider(string issuer) => Providers.FirstOrDefault(provider => provider.Issuer == issuer);

    public IamRole? Role(string arn) => Roles.FirstOrDefault(role => role.Arn == arn);

    public Bucket? Bucket(string name) => Buckets.FirstOrDefault(bucket => bucket.Name == name);
}
