using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Identity;

/// <summary>A user with one long-lived access key.</summary>
internal sealed record IamUser(
    string Account, string Name, string Arn, string UserId, string AccessKeyId, string SecretAccessKey,
    IReadOnlyList<PolicyDocument> Policies)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Arn} ({AccessKeyId})";
}
