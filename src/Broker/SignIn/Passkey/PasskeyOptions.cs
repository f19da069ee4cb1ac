using Broker.Foundation.Settings;
using Broker.Issuer;

namespace Broker.SignIn.Passkey;

/// <summary>Whom passkeys are made for, from where, and how often one client may ask.</summary>
/// <param name="RelyingParty">The RP ID (WebAuthn §5.1.2).</param>
/// <param name="Origins">Scheme, host and port where it is not the scheme's own.</param>
/// <param name="PerClient">Challenges in a minute; 0 means no limit.</param>
internal sealed record PasskeyOptions(string RelyingParty, IReadOnlySet<string> Origins, int PerClient)
{
    /// <param name="isOffered">False where nobody signs in by passkey: then the issuer needs no domain.</param>
    public static PasskeyOptions Read(BootEnvironment boot, bool isDevelopment, bool isOffered, IssuerOptions issuer)
    {
        var home = new Uri(issuer.Issuer);
        if (isOffered && !boot.IsSet(PasskeySettings.RelyingParty)
            && Uri.CheckHostName(home.Host) != UriHostNameType.Dns)
        {
            throw BootFailException.At(PasskeySettings.RelyingParty, null,
                $"missing required variable: passkeys need a domain, and the issuer's host {home.Host} is an address");
        }

        var domain = boot.IsSet(PasskeySettings.RelyingParty) ? boot.Read(PasskeySettings.RelyingParty) : home.Host;
        string[] origins = boot.IsSet(PasskeySettings.Origins)
            ? boot.Read(PasskeySettings.Origins)
            : [home.GetLeftPart(UriPartial.Authority)];
        if ((isOffered || boot.IsSet(PasskeySettings.Origins))
            && origins.Select(one => FaultOf(one, domain)).FirstOrDefault(fault => fault is not null) is { } fault)
            throw BootFailException.At(PasskeySettings.Origins, boot.Text(PasskeySettings.Origins), fault);

        return new PasskeyOptions(
            domain, origins.ToHashSet(StringComparer.Ordinal),
            boot.IsSet(PasskeySettings.PerClient) ? boot.Read(PasskeySettings.PerClient) : isDevelopment ? 0 : 30);
    }

    // A browser gives passkeys of a domain to its own pages and those of hosts under it, over https or on this machine.
    private static string? FaultOf(string origin, string domain)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            return $"\"{origin}\" is not of the form scheme://host[:port]";
        if (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.Host == "localhost"))
            return $"\"{origin}\" must be https (http only on localhost)";
        return uri.Host == domain || uri.Host.EndsWith("." + domain, StringComparison.Ordinal)
            ? null
            : $"\"{origin}\" is not within the domain {domain} that passkeys are made for";
    }
}
