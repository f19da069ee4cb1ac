using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Modules;
using FluentValidation;

namespace Broker.SignIn.Email;

/// <summary>Where links lead, and how many are sent; 0 means no limit.</summary>
/// <param name="LandingBase">Without a slash at its end.</param>
/// <param name="SuccessRedirect">Null where the landing page itself says that it is done.</param>
internal sealed record EmailSignInOptions(
    string LandingBase, Uri? SuccessRedirect, int PerMailbox, int PerClient, int Total)
{
    /// <summary>How long a link is good (contract §7.3).</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromSeconds(600);

    public static EmailSignInOptions Read(BootEnvironment boot, ModuleStart start)
    {
        var landing = boot.ReadOptional(EmailSettings.LandingBase)?.AbsoluteUri.TrimEnd('/');
        var options = new EmailSignInOptions(
            landing ?? start.Find<IssuerOptions>()?.Issuer ?? "",
            boot.ReadOptional(EmailSettings.SuccessRedirect),
            Limit(EmailSettings.PerMailbox, 5), Limit(EmailSettings.PerClient, 30), Limit(EmailSettings.Total, 60));
        return start.IsDevelopment || landing is null ? options : options.Obeying(new ProductionRules());

        int Limit(Setting<int> setting, int usual) =>
            boot.IsSet(setting) ? boot.Read(setting) : start.IsDevelopment ? 0 : usual;
    }

    private sealed class ProductionRules : AbstractValidator<EmailSignInOptions>
    {
        public ProductionRules() => RuleFor(options => options.LandingBase)
            .Must(address => address.StartsWith("https://", StringComparison.Ordinal))
            .WithMessage("must be https (http only with BROKER_DEV_MODE=true)")
            .At(EmailSettings.LandingBase, options => options.LandingBase);
    }
}
