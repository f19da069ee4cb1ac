using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

// The peer that scripts/bench.sh calls (f): OpenIddict's own token route on ASP.NET Core, set up as its documentation
// says for client credentials. Access tokens are ES256 JWTs, signed and not encrypted. It stores and records nothing.
//
//   dotnet Broker.OpenIddictPeer.dll PORT
const string ClientId = "bench", ClientSecret = "bench-secret", Audience = "urn:bench";

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(server =>
{
    server.AddServerHeader = false;
    server.Listen(IPAddress.Loopback, int.Parse(args[0]));
});

using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
builder.Services.AddAuthentication();
builder.Services.AddOpenIddict().AddServer(server =>
{
    server.SetTokenEndpointUris("token");
    server.AllowClientCredentialsFlow();
    server.RegisterScopes("mint");
    server.SetAccessTokenLifetime(TimeSpan.FromMinutes(5));

    server.AddSigningKey(new ECDsaSecurityKey(key) { KeyId = "bench" });
    server.AddEphemeralEncryptionKey();
    server.DisableAccessTokenEncryption();

    // Without a store there are no applications to look up: the one client is checked here.
    server.EnableDegradedMode();
    server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(request =>
    {
        if (request.ClientId != ClientId || request.ClientSecret != ClientSecret)
            request.Reject(Errors.InvalidClient, "The client is unknown, or its secret is wrong.");
        return default;
    }));
    server.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
});

var app = builder.Build();
app.UseAuthentication();
app.MapPost("/token", (HttpContext http) =>
{
    var request = http.GetOpenIddictServerRequest()!;
    var identity = new ClaimsIdentity(TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role);
    identity.SetClaim(Claims.Subject, request.ClientId);
    identity.SetScopes(request.GetScopes());
    identity.SetResources(Audience);
    return Results.SignIn(
        new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
});
await app.RunAsync();
