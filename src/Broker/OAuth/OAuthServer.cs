using System.Security.Cryptography;
using Broker.Issuer;
using Broker.Modules;
using Broker.OAuth.AccessTokens;
using Broker.OAuth.Authorization;
using Broker.OAuth.Clients;
using Broker.OAuth.Device;
using Broker.OAuth.Grants;
using Broker.OAuth.Protocol;
using Broker.SignIn.Methods;
using Broker.SigningKeys;
using Broker.Tokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace Broker.OAuth;

/// <summary>How OpenIddict is set up: what it carries, what it leaves to us, and where ours stands in between.</summary>
internal static class OAuthServer
{
    public static void AddOAuthServer(this IServiceCollection services, ModuleStart start)
    {
        services.AddOpenIddict()
            .AddCore(core =>
            {
                core.SetDefaultApplicationEntity<OAuthClient>();
                core.ReplaceApplicationStore<OAuthClient, ClientStore>(ServiceLifetime.Singleton);
                core.DisableEntityCaching();

                // Named, for OpenIddict asks; nothing is stored in them, and no manager of theirs is ever made.
                core.SetDefaultAuthorizationEntity<object>();
                core.SetDefaultScopeEntity<object>();
                core.SetDefaultTokenEntity<object>();
            })
            .AddServer(server =>
            {
                Offer(server, start.Get<IssuerOptions>(), start.Get<TokenOptions>().Audiences);
                if (start.Get<SignInOptions>().Offers(SignInMethod.WalletSignature))
                    server.AllowCustomFlow(ClientsFile.JwtBearer);
                Leave(server, (Es256Key)start.Get<LoadedKeys>().Oidc.Es256.Signing);
                Handle(server);
            });

        // Nothing is encrypted. OpenIddict wants a key for it all the same, so it is given one until it has looked.
        services.PostConfigure<OpenIddictServerOptions>(options => options.EncryptionCredentials.Clear());

        // OpenIddict wants its own token storage for device codes. Ours are in a table of ours, so that this comes when
        // it has looked, too.
        var issuer = start.Get<IssuerOptions>().Issuer;
        services.PostConfigure<OpenIddictServerOptions>(options =>
        {
            options.GrantTypes.Add(GrantTypes.DeviceCode);
            options.DeviceAuthorizationEndpointUris.Add(new Uri(issuer + OAuthRoutes.DeviceAuthorization));
        });
    }

    private static void Offer(OpenIddictServerBuilder server, IssuerOptions issuer, Audiences audiences)
    {
        server.SetIssuer(IssuerAddress.Of(issuer.Issuer));
        server.SetConfigurationEndpointUris(issuer.Issuer + "/.well-known/openid-configuration");
        server.SetJsonWebKeySetEndpointUris(issuer.Issuer + "/.well-known/jwks.json");
        server.SetTokenEndpointUris(issuer.Issuer + OAuthRoutes.Token);
        server.SetIntrospectionEndpointUris(issuer.Issuer + OAuthRoutes.Introspection);
        server.SetRevocationEndpointUris(issuer.Issuer + OAuthRoutes.Revocation);
        server.SetAuthorizationEndpointUris(issuer.Issuer + AuthorizeRoute.Path);
        server.AllowClientCredentialsFlow().AllowTokenExchangeFlow();
        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow();
        server.RegisterAudiences([.. audiences.All.Select(one => one.Name)]);

        // A wallet's or a session's holder needs no client; who names one must prove it.
        server.AcceptAnonymousClients();
        server.Configure(options =>
        {
            Only(options.ClientAuthenticationMethods, ClientAuthenticationMethods.PrivateKeyJwt,
                ClientAuthenticationMethods.ClientSecretBasic, ClientAuthenticationMethods.ClientSecretPost);
            Only(options.CodeChallengeMethods, CodeChallengeMethods.Sha256);
            Only(options.ClientAssertionTypes, ClientAssertionTypes.JwtBearer);
            Only(options.SubjectTokenTypes, ExchangeTypes.Session, ExchangeTypes.IdToken, ExchangeTypes.Jwt);
            Only(options.ActorTokenTypes, ExchangeTypes.Session);
            Only(options.RequestedTokenTypes, ExchangeTypes.Session, ExchangeTypes.IdToken, ExchangeTypes.Jwt);
            options.DefaultRequestedTokenType = TokenTypeIdentifiers.IdentityToken;
        });
    }

    /// <summary>
    /// The ledger holds what was issued, and the sessions' table what was ended, for tokens of every way in; entries of
    /// OpenIddict's beside them would be second books, and two more writes for each token.
    /// </summary>
    private static void Leave(OpenIddictServerBuilder server, Es256Key signing)
    {
        server.DisableTokenStorage().DisableAuthorizationStorage().DisableScopeValidation().DisableResourceValidation();
        server.IgnoreEndpointPermissions().IgnoreScopePermissions().IgnoreAudiencePermissions()
            .IgnoreResourcePermissions();
        server.DisableAccessTokenEncryption();
        server.RemoveEventHandler(InferEndpointType.Descriptor);
        server.RemoveEventHandler(ValidateClientSecret.Descriptor);
        server.RemoveEventHandler(Protection.AttachSecurityCredentials.Descriptor);
        server.RemoveEventHandler(Protection.AttachTokenSubject.Descriptor);
        server.RemoveEventHandler(Protection.AttachTokenMetadata.Descriptor);
        server.RemoveEventHandler(Protection.GenerateIdentityModelToken.Descriptor);
        server.RemoveEventHandler(OpenIddictServerHandlers.Discovery.AttachSigningKeys.Descriptor);
        server.RemoveEventHandler(Revocation.RevokeToken.Descriptor);
        server.RemoveEventHandler(Exchange.ValidateGrantedScopes.Descriptor);
        server.Configure(options =>
        {
            // The public half: OpenIddict signs nothing.
            var jwk = signing.Jwk;
            var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(jwk.X), Y = Base64UrlEncoder.DecodeBytes(jwk.Y) },
            });
            options.SigningCredentials.Add(new SigningCredentials(
                new ECDsaSecurityKey(key) { KeyId = signing.KeyId }, SecurityAlgorithms.EcdsaSha256));
            options.EncryptionCredentials.Add(new EncryptingCredentials(
                new SymmetricSecurityKey(new byte[32]), SecurityAlgorithms.Aes256KW,
                SecurityAlgorithms.Aes256CbcHmacSha512));
        });
    }

    private static void Handle(OpenIddictServerBuilder server)
    {
        // Clients.
        On<ValidateTokenContext, AssertionRules>(
            server, Protection.ResolveTokenValidationParameters.Descriptor.Order + 500);
        On<ProcessAuthenticationContext, ProveClient>(server, ValidateClientType.Descriptor.Order + 400);
        On<ProcessAuthenticationContext, AssertionOnce>(server, ValidateClientType.Descriptor.Order + 500);

        // Tokens that come back.
        On<ProcessAuthenticationContext, RequireCaller>(server, ValidateClientType.Descriptor.Order + 600);
        On<ValidateTokenContext, RecogniseRefreshToken>(
            server, Protection.ValidateIdentityModelToken.Descriptor.Order - 700);
        On<ValidateTokenContext, RecogniseCode>(server, Protection.ValidateIdentityModelToken.Descriptor.Order - 600);
        On<ValidateTokenContext, LeaveForeignToken>(
            server, Protection.ValidateIdentityModelToken.Descriptor.Order - 800);
        On<ValidateTokenContext, RecogniseSession>(server, Protection.ValidateIdentityModelToken.Descriptor.Order - 500);
        On<HandleIntrospectionRequestContext, DescribeSession>(server, 0);
        On<HandleRevocationRequestContext, EndPresentedSession>(server, 0);

        // Codes.
        On<HandleDeviceAuthorizationRequestContext, BeginDeviceAuthorization>(server, 0);

        // Tokens that leave.
        On<ValidateTokenRequestContext, UsualExchangeType>(server, int.MinValue);
        On<HandleTokenRequestContext, ProveGrant>(server, 0);
        On<GenerateTokenContext, IssueOnRecord>(server, 0);
        On<ProcessSignInContext, OneToken>(server, EvaluateGeneratedTokens.Descriptor.Order + 500);
        On<ProcessSignInContext, TellGranted>(server, AttachSignInParameters.Descriptor.Order + 500);

        // Answers.
        On<ApplyConfigurationResponseContext, TakeAnswer<ApplyConfigurationResponseContext>>(server, int.MaxValue);
        On<ApplyJsonWebKeySetResponseContext, TakeAnswer<ApplyJsonWebKeySetResponseContext>>(server, int.MaxValue);
        On<ApplyDeviceAuthorizationResponseContext, TakeAnswer<ApplyDeviceAuthorizationResponseContext>>(
            server, int.MaxValue);
        On<ApplyTokenResponseContext, TakeAnswer<ApplyTokenResponseContext>>(server, int.MaxValue);
        On<ApplyIntrospectionResponseContext, TakeAnswer<ApplyIntrospectionResponseContext>>(server, int.MaxValue);
        On<ApplyRevocationResponseContext, TakeAnswer<ApplyRevocationResponseContext>>(server, int.MaxValue);
    }

    private static void On<TContext, THandler>(OpenIddictServerBuilder server, int order)
        where TContext : BaseContext
        where THandler : class, IOpenIddictServerHandler<TContext> =>
        server.AddEventHandler<TContext>(handler => handler.UseSingletonHandler<THandler>().SetOrder(order));

    private static void Only(HashSet<string> values, params string[] wanted)
    {
        values.Clear();
        values.UnionWith(wanted);
    }
}
