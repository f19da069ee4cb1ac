namespace Broker.LocalCloud.Configuration;

/// <summary>A user's long-lived access key in the local cloud.</summary>
public sealed record LocalCloudAccessKey(string AccessKeyId, string SecretAccessKey)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => AccessKeyId;
}
