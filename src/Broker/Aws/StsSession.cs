using Broker.Releases;
using Broker.Roles;

namespace Broker.Aws;

/// <summary>What STS is asked for. Everything in it follows from the approved mint.</summary>
/// <param name="Policy">Inline session policy, at most 2,048 characters; null for none.</param>
internal sealed record StsSession(ApprovedMint Mint, CatalogueRole Role, string? Policy)
{
    private const int LongestName = 64;
    private const int OwnerDigits = 10;

    /// <summary>
    /// <c>agentkeys-&lt;first 10 characters of the wallet, or of the omni&gt;-&lt;record id&gt;</c>: STS's grammar
    /// <c>[\w+=,.@-]{2,64}</c>, different for every mint, and joins CloudTrail to the ledger.
    /// </summary>
    public string Name
    {
        get
        {
            var name = $"agentkeys-{Mint.Caller.WalletOrActor[..OwnerDigits]}-{Mint.RecordId}";
            return name.Length <= LongestName
                ? name
                : throw new InvalidOperationException("internal error: role session name too long");
        }
    }
}

/// <summary>Credentials as STS gave them. The secrets are for the answer to the caller alone.</summary>
internal sealed record StsCredentials(
    string AccessKeyId, string SecretAccessKey, string SessionToken, DateTimeOffset Expiration)
{
    public override string ToString() => AccessKeyId;
}
