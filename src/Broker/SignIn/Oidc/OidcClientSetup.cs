using System.Security.Cryptography;
using System.Text;
using Broker.Modules;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Client;

namespace Broker.SignIn.Oidc;

/// <summary>
/// How OpenIddict's client is set up: authorization code with PKCE and nonce; discovery, keys and tokens over HTTP with
/// bounds; state that only this broker can read.
/// </summary>
internal static class OidcClientSetup
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private const int LongestAnswer = 1 << 20;

    public static void AddOidcClient(this IServiceCollection services, ModuleStart start)
    {
        var options = start.Get<OidcOptions>();
        services.AddOpenIddict().AddClient(client =>
        {
            client.AllowAuthorizationCodeFlow();
            client.SetRedirectionEndpointUris(options.RedirectUri);
            client.SetStateTokenLifetime(OidcOptions.Lifetime);
            client.AddEncryptionKey(KeyOf(options.StateKey, "encryption"));
            client.AddSigningKey(KeyOf(options.StateKey, "signing"));

            // A state is good once by its row among the staged sign-ins.
            client.DisableTokenStorage();

            // Nothing binds the browser, for it is not the browser that began: what binds the answer is that row.
            client.RemoveEventHandler(OpenIddictClientHandlers.ValidateRequestForgeryProtection.Descriptor);
            client.Configure(all => all.TimeProvider = start.Time);
            client.UseSystemNetHttp()
                .ConfigureHttpClient(http =>
                {
                    http.Timeout = Timeout;
                    http.MaxResponseContentBufferSize = LongestAnswer;
                })
                .ConfigureHttpClientHandler(handler => handler.AllowAutoRedirect = false);
            foreach (var provider in options.Providers.Values)
            {
                client.AddRegistration(RegistrationOf(provider, options, start.Time));
            }
        });
        services.PostConfigure<OpenIddictClientOptions>(all =>
        {
            foreach (var manager in all.Registrations.Select(one => one.ConfigurationManager)
                .OfType<BaseConfigurationManager>())
            {
                manager.AutomaticRefreshInterval = options.KeysLifetime;
            }
        });
    }

    private static OpenIddictClientRegistration RegistrationOf(
        OidcProvider provider, OidcOptions options, TimeProvider time) => new()
        {
            RegistrationId = provider.Name,
            ProviderName = provider.Name,
            Issuer = provider.Issuer,
            ClientId = provider.ClientId,
            ClientSecret = provider.ClientSecret,
            RedirectUri = options.RedirectUri,
            Scopes = { OpenIddictConstants.Scopes.OpenId, OpenIddictConstants.Scopes.Email },
            CodeChallengeMethods = { OpenIddictConstants.CodeChallengeMethods.Sha256 },
            TokenValidationParameters =
            {
                // OpenIddict's own check of exp lets identity tokens pass.
                ValidateLifetime = true,
                RequireExpirationTime = true,
                LifetimeValidator = (from, until, _, _) => IsAlive(from, until, time.GetUtcNow().UtcDateTime),
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
            },
        };

    private static bool IsAlive(DateTime? from, DateTime? until, DateTime now) =>
        until is { } end && end + ClockSkew > now && (from is null || from <= now + ClockSkew);

    private static SymmetricSecurityKey KeyOf(byte[] secret, string use) =>
        new(HKDF.DeriveKey(
            HashAlgorithmName.SHA256, secret, 32, info: Encoding.ASCII.GetBytes($"agentkeys oauth2 state {use}")));
}
