namespace Broker.LocalCloud.Identity;

/// <summary>An access key that may sign requests. Long-lived keys have no session token and never expire.</summary>
internal sealed record AccessKey(
    string AccessKeyId, string SecretAccessKey, string? SessionToken, DateTimeOffset Expiration, Principal Owner)
{
    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"{AccessKeyId} of {Owner.Arn}";
}
