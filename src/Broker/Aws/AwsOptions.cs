using Broker.AwsAccount;
using Broker.Foundation.Settings;

namespace Broker.Aws;

/// <summary>Which STS call fetches the credentials (design, decisions C1 and C2).</summary>
internal enum StsMode
{
    /// <summary>
    /// Anonymous <c>AssumeRoleWithWebIdentity</c> with a token that the broker signs for this one call.
    /// </summary>
    WebIdentity,

    /// <summary><c>AssumeRole</c> with the broker's own AWS credentials, session tags and transitive keys.</summary>
    AssumeRole,
}

/// <summary>How STS is asked.</summary>
internal sealed record AwsOptions(
    StsMode Mode, Uri? StsEndpoint, TimeSpan SessionDuration, TimeSpan StsTimeout, int StsConcurrency)
{
    /// <param name="account">Null where its settings could not be read.</param>
    public static AwsOptions Read(BootEnvironment boot, AwsAccountOptions? account)
    {
        var usual = account?.Keys is null ? StsMode.WebIdentity : StsMode.AssumeRole;
        return new AwsOptions(
            boot.IsSet(AwsSettings.Mode) ? boot.Read(AwsSettings.Mode) : usual,
            boot.ReadOptional(AwsSettings.StsEndpoint),
            boot.Read(AwsSettings.SessionDuration),
            boot.Read(AwsSettings.StsTimeout),
            boot.Read(AwsSettings.StsConcurrency));
    }
}
