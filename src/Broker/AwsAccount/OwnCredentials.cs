using Amazon.Runtime;
using Amazon.Runtime.Credentials;

namespace Broker.AwsAccount;

/// <summary>
/// The broker's own AWS credentials: static keys where they are set, else the SDK's default chain (contract §4.4).
/// </summary>
internal static class OwnCredentials
{
    public static AWSCredentials Of(StaticKeys? keys) => keys is { }
        ? new BasicAWSCredentials(keys.AccessKeyId, keys.SecretAccessKey)
        : DefaultAWSCredentialsIdentityResolver.GetCredentials();
}
