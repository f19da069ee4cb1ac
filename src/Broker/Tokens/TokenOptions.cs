using Broker.Foundation.Settings;
using Broker.Modules;
using Broker.SigningKeys;
using FluentValidation;

namespace Broker.Tokens;

/// <summary>OIDC tokens: how long they live where nothing else is asked for, and what stands in them.</summary>
internal sealed record TokenOptions(TimeSpan Lifetime, bool EmitSourceIdentity, Audiences Audiences)
{
    public static TokenOptions Read(BootEnvironment boot) => new(
        boot.Read(TokenSettings.OidcTokenLifetime), boot.Read(TokenSettings.SourceIdentity),
        new Audiences(boot.Read(TokenSettings.Audiences)));

    /// <exception cref="BootFailException">An audience needs a key that is not there.</exception>
    public void CheckKeys(KeyFileOptions keys, BootEnvironment boot) =>
        this.Obeying(new KeyRules(keys, boot.Text(TokenSettings.Audiences)));

    private sealed class KeyRules : AbstractValidator<TokenOptions>
    {
        public KeyRules(KeyFileOptions keys, string? asGiven) => RuleFor(options => options.Audiences)
            .Must(audiences => keys.Rs256 is not null || NeedingRs256(audiences) is null)
            .WithMessage(options => $"{NeedingRs256(options.Audiences)} needs RS256, and "
                + $"{KeySettings.Rs256KeyFile.Name} names no key file")
            .At(TokenSettings.Audiences, _ => asGiven);

        private static string? NeedingRs256(Audiences audiences) =>
            audiences.All.FirstOrDefault(one => one.Algorithm == Rs256Key.Name)?.Name;
    }
}
