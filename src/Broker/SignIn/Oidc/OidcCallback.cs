using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Issuer;
using Broker.Listening;
using Broker.Pages;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;
using OpenIddict.Abstractions;

namespace Broker.SignIn.Oidc;

/// <summary>
/// <c>GET /auth/oauth2/callback</c>: the provider sends the person back here. The state is taken first, so whatever
/// comes of it, it was good once; the session goes to the client that polls, never to the browser. The answer is a page.
/// </summary>
internal static class OidcCallback
{
    public const string Path = "/auth/oauth2/callback";

    private const int LongestState = 8192;
    private const int LongestCode = 8192;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, HandleAsync)
        .WithName("oidcCallback")
        .WithSummary("Where an OpenID provider sends people back to")
        .Produces<string>(StatusCodes.Status200OK, "text/html")
        .Produces<string>(StatusCodes.Status400BadRequest, "text/html")
        .Produces<string>(StatusCodes.Status401Unauthorized, "text/html")
        .Produces<string>(StatusCodes.Status502BadGateway, "text/html");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, OidcOptions options, OidcExchange exchange, IStagedSignIns signIns,
        IssuerOptions issuer, SignInMetrics metrics, CancellationToken stop)
    {
        // What only looks ahead takes nothing.
        if (HeadRequests.IsHead(http)) return TypedResults.Ok();

        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var finished = await FinishAsync(http.Request.Query, options, exchange, signIns, stop);
        if (finished.IsRefused || finished.Value.Cancelled is null)
            metrics.Count(SignInMetrics.Provider, finished.Refusal);
        if (finished.Refusal is { } refusal)
        {
            // On record as every refusal is; the person gets a page in its place.
            await attempt.RefuseAsync(refusal);
            return PageOf(issuer, refusal.Code.Status, "You are not signed in", Told(refusal), null);
        }

        var (signIn, cancelled) = finished.Value;
        return cancelled is null
            ? PageOf(issuer, StatusCodes.Status200OK, VerifiedOf(signIn), null, signIn)
            : PageOf(
                issuer, StatusCodes.Status200OK, $"Sign-in cancelled: {cancelled}", null, null, signIn.IsOfOwnPage);
    }

    private static async Task<Result<(StagedSignIn SignIn, string? Cancelled)>> FinishAsync(
        IQueryCollection query, OidcOptions options, OidcExchange exchange, IStagedSignIns signIns,
        CancellationToken stop)
    {
        var (state, code, error) = (Only(query, "state"), Only(query, "code"), Only(query, "error"));
        if (state is not { Length: > 0 and <= LongestState }
            || (code is not { Length: > 0 and <= LongestCode } && error is null))
            return new Refusal(OidcRefusals.MissingParameter, "the provider sent no code or no state");
        if (signIns.Take(StartOidcSignIn.Staged, Sha256Digest.Of(state)) is not { } signIn
            || !options.Providers.TryGetValue(signIn.Kept, out var provider))
        {
            return new Refusal(OidcRefusals.UnknownState,
                "the sign-in is not one of this broker's, was finished already, or has expired");
        }

        if (error is not null)
        {
            var reason = WordOf(error);
            signIns.Settle(signIn, StagedResult.Failed(reason));
            return (signIn, reason);
        }

        var subject = await exchange.FinishAsync(provider, new OpenIddictRequest(query), stop);
        if (subject.Refusal is { } wrong)
        {
            signIns.Settle(signIn, StagedResult.Failed(wrong.Code.Text));
            return wrong;
        }

        signIns.Settle(signIn, StagedResult.Verified(
            new ProvenIdentity(provider.Method, provider.ValueOf(subject.Value))));
        return (signIn, null);
    }

    private static string VerifiedOf(StagedSignIn signIn) => signIn.IsOfOwnPage
        ? "Verified — go back to the page where you began."
        : "Verified — return to your terminal.";

    // A parameter that comes twice is none (RFC 6749 §3.1).
    private static string? Only(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;

    // RFC 6749 §4.1.2.1: the provider's word, where it is one.
    private static string WordOf(string error) =>
        error.Length <= 64 && error.All(c => char.IsAsciiLetterLower(c) || c == '_') ? error : "provider_error";

    private static string Told(Refusal refusal) => refusal.Code.Status == StatusCodes.Status502BadGateway
        ? "The provider could not be asked. Begin again where you began, in a while."
        : "This sign-in does not hold: it was finished already, has expired, or the provider’s answer is wrong. Begin "
            + "again where you began.";

    private static PageAnswer<CallbackPage> PageOf(
        IssuerOptions issuer, int status, string headline, string? more, StagedSignIn? signIn,
        bool isOfOwnPage = false) => new(
            (nameof(CallbackPage.Site), issuer.Authority),
            (nameof(CallbackPage.Headline), headline),
            (nameof(CallbackPage.More), more),
            (nameof(CallbackPage.Device), signIn?.DeviceLabel),
            (nameof(CallbackPage.Code), signIn?.CompareCode),
            (nameof(CallbackPage.IsOfOwnPage), isOfOwnPage || signIn?.IsOfOwnPage == true))
        {
            Status = status,
        };
}
