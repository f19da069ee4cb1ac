using System.Net;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Modules;
using FluentValidation;

namespace Broker.Issuer;

/// <summary>The issuer, byte for byte as its setting has it.</summary>
internal sealed record IssuerOptions(string Issuer)
{
    /// <summary>Host and, where it is not the scheme's own, port: the SIWE domain and the ledger's origin.</summary>
    public string Authority { get; } = new Uri(Issuer).Authority;

    /// <summary>The issuer's path without a slash at its end; empty for most.</summary>
    public string Path { get; } = new Uri(Issuer).AbsolutePath.TrimEnd('/');

    public static IssuerOptions Read(BootEnvironment boot, bool isDevelopment, ListenOptions? listen)
    {
        if (!boot.IsSet(IssuerSettings.Issuer) && !isDevelopment)
        {
            throw BootFailException.At(IssuerSettings.Issuer, null,
                "missing required variable: the issuer URL as registered with AWS IAM "
                + "(on a laptop BROKER_DEV_MODE=true needs none)");
        }

        // Without a place to listen at the start fails anyway; its own variable says so.
        listen ??= new ListenOptions(IPAddress.Loopback, 0, 0);
        var issuer = boot.ReadOptional(IssuerSettings.Issuer)
            ?? $"http://{new IPEndPoint(listen.Address, listen.Port)}";
        var options = new IssuerOptions(issuer);
        return isDevelopment ? options : options.Obeying(new ProductionRules());
    }

    private sealed class ProductionRules : AbstractValidator<IssuerOptions>
    {
        public ProductionRules()
        {
            ClassLevelCascadeMode = CascadeMode.Stop;
            RuleFor(options => options.Issuer)
                .Must(issuer => !issuer.StartsWith("http://", StringComparison.Ordinal))
                .WithMessage("must be https (http only with BROKER_DEV_MODE=true)")
                .At(IssuerSettings.Issuer, options => options.Issuer);
            RuleFor(options => options.Issuer).Must(issuer => new Uri(issuer).IsDefaultPort)
                .WithMessage("must not have a port: AWS IAM takes none (only with BROKER_DEV_MODE=true)")
                .At(IssuerSettings.Issuer, options => options.Issuer);
        }
    }
}
