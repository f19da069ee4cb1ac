using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.Identity;

namespace Broker.Mail.Ses;

/// <summary>Where SES is, and how it sends.</summary>
/// <param name="Endpoint">Null for the region's own.</param>
internal sealed record SesOptions(
    Uri? Endpoint, string Region, StaticKeys? Keys, string? ConfigurationSet, EmailAddress? FeedbackAddress)
{
    public static SesOptions Read(BootEnvironment boot, AwsAccountOptions account) => new(
        boot.ReadOptional(SesSettings.Endpoint), account.Region, account.Keys,
        boot.ReadOptional(SesSettings.ConfigurationSet), boot.ReadOptional(SesSettings.FeedbackAddress));
}
