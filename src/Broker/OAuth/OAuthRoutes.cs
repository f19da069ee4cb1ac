using Broker.Http;
using Broker.Issuer;
using Broker.OAuth.Authorization;
using Broker.OAuth.Device;
using Broker.OAuth.Protocol;
using Broker.Refusals;
using Broker.Sessions;
using Broker.Sessions.Proofs;
using Broker.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Broker.OAuth;

/// <summary>
/// <c>POST /oauth/token</c>, <c>/oauth/device_authorization</c>, <c>/oauth/introspect</c>, <c>/oauth/revoke</c>, the
/// pages on which people let clients act, and the same behind the issuer's path, where
/// discovery says that they are.
/// </summary>
internal static class OAuthRoutes
{
    public const string Token = "/oauth/token";
    public const string DeviceAuthorization = "/oauth/device_authorization";
    public const string Introspection = "/oauth/introspect";
    public const string Revocation = "/oauth/revoke";

    public static void Map(IEndpointRouteBuilder routes, IssuerOptions issuer)
    {
        foreach (var path in issuer.Path.Length == 0 ? (string[])[""] : ["", issuer.Path])
        {
            Map(routes, path + Token, OpenIddictServerEndpointType.Token,
                "A token for a grant: a code, a refresh token, a client's own, a wallet's signature, token exchange");
            Map(routes, path + DeviceAuthorization, OpenIddictServerEndpointType.DeviceAuthorization,
                "Codes for a device and its person (RFC 8628)");
            Map(routes, path + Introspection, OpenIddictServerEndpointType.Introspection,
                "What a session token says, and whether it holds (RFC 7662)");
            Map(routes, path + Revocation, OpenIddictServerEndpointType.Revocation,
                "End the session of a token (RFC 7009)");
            AuthorizeRoute.Map(routes, path);
            ConsentPage.Map(routes, path);
            DevicePage.Map(routes, path);
        }

        DeviceDecisionRoute.Map(routes);
    }

    private static void Map(
        IEndpointRouteBuilder routes, string path, OpenIddictServerEndpointType endpoint, string summary) =>
        routes.MapPost(path,
                (HttpContext http, Attempts attempts, OAuthPipeline pipeline, SessionMetrics metrics,
                    KeyProofs proofs, IssuerOptions issuer, CancellationToken stop) =>
                    AnswerAsync(endpoint, http, attempts, pipeline, metrics, proofs, issuer, stop))
            .WithSummary(summary)
            .WithDescription(OAuthDescriptions.Of(endpoint))
            .WithMetadata(OAuthErrorShape.Instance)
            .TakesForm<OAuthForm>()
            .ProducesJson()
            .Produces<OAuthErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<OAuthErrorBody>(StatusCodes.Status401Unauthorized)
            .Produces<OAuthErrorBody>(StatusCodes.Status415UnsupportedMediaType)
            .Produces<OAuthErrorBody>(StatusCodes.Status429TooManyRequests)
            .Produces<OAuthErrorBody>(StatusCodes.Status500InternalServerError)
            .Produces<OAuthErrorBody>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> AnswerAsync(
        OpenIddictServerEndpointType endpoint, HttpContext http, Attempts attempts, OAuthPipeline pipeline,
        SessionMetrics metrics, KeyProofs proofs, IssuerOptions issuer, CancellationToken stop)
    {
        var read = await FormRequest.ReadAsync(http.Request, stop);
        var attempt = read is { Refusal: null, Value: var asked } && asked.IsTokenExchangeGrantType()
            && ExchangeTypes.WantedBy(asked) != ExchangeTypes.Session
            ? attempts.Begin(http, OidcTokenRelease.Kind, OidcTokenRelease.RequestedRole)
            : attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (BasicCredentials.AreIn(http.Request) && BasicCredentials.Read(http.Request, read.Value) is { } unproven)
            return await attempt.RefuseAsync(unproven);

        string? key = null;
        if (endpoint == OpenIddictServerEndpointType.Token && http.Request.Headers.ContainsKey(KeyProofs.Header))
        {
            var proven = proofs.Verify(http.Request, null);
            if (proven.Refusal is { } refused) return await attempt.RefuseAsync(refused);
            key = proven.Value;
        }

        // Whoever hangs up does not take what ends in the ledger off the record.
        var call = new OAuthCall(http, attempt, issuer.Issuer) { Key = key };
        var answer = await pipeline.RunAsync(endpoint, read.Value, call, CancellationToken.None);
        if (answer.Error is { } error)
        {
            var refusal = call.Refusal ?? new(OAuthRefusals.OfError(error, HasCode(read.Value)), answer.ErrorDescription ?? error);
            if (refusal.Code.Kind == OpenIddictConstants.Errors.InvalidClient) metrics.Count(refusal);
            return await attempt.RefuseAsync(refusal);
        }

        return JsonBytes.Answer(ResponseBytes.Of(answer));
    }

    private static bool HasCode(OpenIddictRequest request) =>
        request.Code is not null || request.DeviceCode is not null || request.RefreshToken is not null;
}
