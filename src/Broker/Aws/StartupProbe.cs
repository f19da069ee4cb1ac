using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.Modules;
using Broker.Operations;

namespace Broker.Aws;

/// <summary>
/// Before anything listens: do our own AWS credentials work (contract §4.5)? Asked only where the broker needs any,
/// which is the mode <c>assume_role</c>. Where they do not, the process listens nevertheless, and <c>/readyz</c> says so
/// (<c>tier2/sts</c>), unless <c>BROKER_REFUSE_TO_BOOT_STRICT=true</c>: sign-in, discovery and the ledger need no AWS.
/// </summary>
internal static partial class StartupProbe
{
    /// <exception cref="BootFailException">STS did not accept our credentials, and the start is strict.</exception>
    public static async Task RunAsync(IServiceProvider services, CancellationToken stop)
    {
        if (services.GetRequiredService<AwsOptions>().Mode != StsMode.AssumeRole) return;

        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Broker.Startup");
        if (services.GetRequiredService<AwsAccountOptions>().Keys is null) LogDefaultChain(log);
        else LogStaticKeys(log);
        if (services.GetRequiredService<StartupChoices>().SkipStartupCheck) return;

        var identity = await services.GetRequiredService<IStsClient>().CallerIdentityAsync(stop);
        if (identity.Refusal is null)
        {
            LogPassed(log);
            return;
        }

        if (!services.GetRequiredService<OperationsOptions>().RefuseToBootStrict)
        {
            LogNotYet(log, identity.Refusal.Detail);
            return;
        }

        LogFailed(log, identity.Refusal.Detail);
        throw BootFailException.At(AwsSettings.Mode, "assume_role",
            $"startup STS check failed: {identity.Refusal.Detail}; give credentials by AWS_PROFILE, an instance "
            + "profile, or static keys (DAEMON_ACCESS_KEY_ID, DAEMON_SECRET_ACCESS_KEY), or pass "
            + "--skip-startup-check");
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "AWS credentials: static IAM-user keys (DAEMON_ACCESS_KEY_ID env)")]
    private static partial void LogStaticKeys(ILogger log);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "AWS credentials: SDK default chain (AWS_PROFILE / ~/.aws / IMDS)")]
    private static partial void LogDefaultChain(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "startup STS check passed")]
    private static partial void LogPassed(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "startup STS check failed: {Reason}; no AWS credentials until STS answers, see /readyz")]
    private static partial void LogNotYet(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "startup STS check failed — refusing to bind: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);
}
