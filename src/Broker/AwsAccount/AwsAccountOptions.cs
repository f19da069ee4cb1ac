using Broker.Foundation.Settings;
using Broker.Modules;
using FluentValidation;

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
    public static AwsAccountOptions Read(BootEnvironment boot)
    {
        var id = boot.ReadOptional(AwsAccountSettings.DaemonAccessKeyId);
        var secret = boot.ReadOptional(AwsAccountSettings.DaemonSecretAccessKey);
        var region = boot.Read(AwsAccountSettings.Region);
        new Pair(id, secret).Obeying(new PairRules());
        return new AwsAccountOptions(region, id is null ? null : new StaticKeys(id, secret!));
    }

    private sealed record Pair(string? Id, string? Secret);

    /// <summary>Both keys or none (contract §4.4): half a pair would silently fall back to other credentials.</summary>
    private sealed class PairRules : AbstractValidator<Pair>
    {
        private const string Together =
            "DAEMON_ACCESS_KEY_ID and DAEMON_SECRET_ACCESS_KEY must be set together (or both unset to use the AWS "
            + "SDK default credential chain via AWS_PROFILE).";

        public PairRules()
        {
            RuleFor(pair => pair.Id).NotNull().When(pair => pair.Secret is not null, ApplyConditionTo.CurrentValidator)
                .WithMessage(Together).At(AwsAccountSettings.DaemonAccessKeyId, _ => null);
            RuleFor(pair => pair.Secret).NotNull().When(pair => pair.Id is not null, ApplyConditionTo.CurrentValidator)
                .WithMessage(Together).At(AwsAccountSettings.DaemonSecretAccessKey, _ => null);
        }
    }
}
