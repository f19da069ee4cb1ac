using Broker.Foundation.Settings;

namespace Broker.AwsAccount;

/// <summary>Static IAM user keys of the broker itself.</summary>
internal sealed record StaticKeys(string AccessKeyId, string SecretAccessKey)
{
    public override string ToString() => AccessKeyId;
}

/// <summary>The region, and the broker's own AWS credentials.</summary>
/// <param name="Keys">Null where the SDK's default chain is used, or nothing is needed.</param>
internal sealed record AwsAccountOptions(string Region, StaticKeys? Keys)
{
    /// <summary>Both keys or none (contract §4.4): half a pair would silently fall back to other credentials.</summary>
    public static AwsAccountOptions Read(BootEnvironment boot)
    {
        var id = boot.ReadOptional(AwsAccountSettings.DaemonAccessKeyId);
        var secret = boot.ReadOptional(AwsAccountSettings.DaemonSecretAccessKey);
        var region = boot.Read(AwsAccountSettings.Region);
        return (id, secret) switch
        {
            ({ }, { }) => new AwsAccountOptions(region, new StaticKeys(id, secret)),
            (null, null) => new AwsAccountOptions(region, null),
            _ => throw BootFailException.At(
                id is null ? AwsAccountSettings.DaemonAccessKeyId : AwsAccountSettings.DaemonSecretAccessKey, null,
                "DAEMON_ACCESS_KEY_ID and DAEMON_SECRET_ACCESS_KEY must be set together (or both unset to use the AWS "
                + "SDK default credential chain via AWS_PROFILE)."),
        };
    }
}
