using System.Security.Cryptography;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Modules;
using Broker.SignIn.Methods;

namespace Broker.SignIn.Oidc;

/// <summary>The providers, and what goes for all of them.</summary>
/// <param name="Providers">By their names; empty where nobody signs in so.</param>
/// <param name="PerClient">Sign-ins that a client may begin in a minute; 0 means no limit.</param>
internal sealed record OidcOptions(
    IReadOnlyDictionary<string, OidcProvider> Providers, Uri RedirectUri, byte[] StateKey, TimeSpan KeysLifetime,
    int PerClient)
{
    /// <summary>How long a person may take (contract §7.4).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(600);

    public static OidcOptions Read(BootEnvironment boot, ModuleStart start, SignInOptions methods, IssuerOptions issuer)
    {
        var redirect = boot.ReadOptional(OidcSettings.RedirectUri) ?? new Uri(issuer.Issuer + OidcCallback.Path);
        if (!redirect.AbsolutePath.EndsWith(OidcCallback.Path, StringComparison.Ordinal))
            throw boot.Fail(OidcSettings.RedirectUri, $"must end in {OidcCallback.Path}");

        var google = Provider(boot, methods, OidcProvider.Google, OidcSettings.GoogleIssuer,
            OidcSettings.GoogleClientId, OidcSettings.GoogleClientSecret, start.IsDevelopment);
        var other = Provider(boot, methods, OidcProvider.Other, OidcSettings.OidcIssuer,
            OidcSettings.OidcClientId, OidcSettings.OidcClientSecret, start.IsDevelopment);
        var providers = new[] { google, other }.OfType<OidcProvider>().ToDictionary(one => one.Name);
        foreach (var named in boot.ReadOptional(OidcSettings.Providers) ?? [])
        {
            if (!OidcProvider.Names.Contains(named))
                throw boot.Fail(OidcSettings.Providers, $"\"{named}\" is not a provider of this broker");
            if (!providers.ContainsKey(named))
            {
                throw boot.Fail(
                    OidcSettings.Providers, $"{named} needs {OidcProvider.MethodOf(named)} in BROKER_AUTH_METHODS");
            }
        }

        var stateKey = boot.ReadOptional(OidcSettings.StateKey);
        if (stateKey is null && providers.Count > 0 && !start.IsDevelopment)
        {
            throw boot.Fail(OidcSettings.StateKey,
                "missing required variable: make the file by (umask 077; openssl rand -out FILE 32)");
        }

        return new OidcOptions(
            providers, redirect, stateKey ?? RandomNumberGenerator.GetBytes(32),
            boot.Read(OidcSettings.KeysLifetime),
            boot.IsSet(OidcSettings.PerClient) ? boot.Read(OidcSettings.PerClient) : start.IsDevelopment ? 0 : 30);
    }

    // What is set is read even where the provider is not offered, so that a wrong value shows.
    private static OidcProvider? Provider(
        BootEnvironment boot, SignInOptions methods, string name, Setting<Uri> issuer, Setting<string> clientId,
        Setting<string> secret, bool isDevelopment)
    {
        var (address, id, word) = (boot.ReadOptional(issuer), boot.ReadOptional(clientId), boot.ReadOptional(secret));
        if (!methods.Offers(OidcProvider.MethodOf(name))) return null;

        BootFailException Missing(Setting setting) => boot.Fail(
            setting, $"missing required variable: {OidcProvider.MethodOf(name)} of BROKER_AUTH_METHODS needs it");
        if (address is null) throw Missing(issuer);
        if (id is null) throw Missing(clientId);
        if (word is null) throw Missing(secret);
        return address.Scheme == Uri.UriSchemeHttps || isDevelopment
            ? new OidcProvider(name, address, id, word)
            : throw boot.Fail(issuer, "must be https (http only with BROKER_DEV_MODE=true)");
    }
}
