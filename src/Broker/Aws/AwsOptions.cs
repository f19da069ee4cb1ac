using Broker.Configuration;

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

/// <summary>Static IAM user keys of the broker itself.</summary>
internal sealed record StaticKeys(string AccessKeyId, string SecretAccessKey)
{
    public override string ToString() => AccessKeyId;
}

/// <summary>Everything about AWS: the roles, STS and the broker's own credentials.</summary>
internal sealed record AwsOptions(
    RoleCatalogue Roles,
    StsMode Mode,
    string Region,
    Uri? StsEndpoint,
    TimeSpan SessionDuration,
    TimeSpan StsTimeout,
    int StsConcurrency,
    StaticKeys? Keys,
    bool RequireSignedMint)
{
    public static AwsOptions Read(BootEnvironment boot, bool developmentMode)
    {
        var faults = new BootFaults();
        var keys = faults.Try(() => ReadKeys(boot));
        var roles = faults.Try(() => RoleCatalogue.Read(boot, developmentMode));
        faults.ThrowIfAny();
        var mode = boot.ReadOptional(Settings.StsMode) switch
        {
            "web_identity" => StsMode.WebIdentity,
            "assume_role" => StsMode.AssumeRole,
            _ => keys is null ? StsMode.WebIdentity : StsMode.AssumeRole,
        };
        return new AwsOptions(
            roles!,
            mode,
            boot.Read(Settings.Region),
            boot.ReadOptional(Settings.StsEndpoint),
            boot.Read(Settings.SessionDuration),
            boot.Read(Settings.StsTimeout),
            boot.Read(Settings.StsConcurrency),
            keys,
            boot.Read(Settings.RequireSignedMint));
    }

    /// <summary>Both keys or none (contract §4.4): half a pair would silently fall back to other credentials.</summary>
    private static StaticKeys? ReadKeys(BootEnvironment boot)
    {
        var id = boot.ReadOptional(Settings.DaemonAccessKeyId);
        var secret = boot.ReadOptional(Settings.DaemonSecretAccessKey);
        return (id, secret) switch
        {
            ({ }, { }) => new StaticKeys(id, secret),
            (null, null) => null,
            _ => throw BootFailException.At(
                id is null ? Settings.DaemonAccessKeyId : Settings.DaemonSecretAccessKey, null,
                "DAEMON_ACCESS_KEY_ID and DAEMON_SECRET_ACCESS_KEY must be set together (or both unset to use the AWS "
                + "SDK default credential chain via AWS_PROFILE)."),
        };
    }
}
