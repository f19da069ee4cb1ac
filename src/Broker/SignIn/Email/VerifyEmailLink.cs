using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.SignIn.Email;

/// <summary>Answer of <c>POST /v1/auth/email/verify</c> (contract §2.11).</summary>
internal sealed record VerifyEmailLinkAnswer([property: JsonPropertyName("ok")] bool Ok);

/// <summary>
/// <c>POST /v1/auth/email/verify</c>: the person confirms. The link is good once; the session goes to the client that
/// polls, never to the browser. <c>GET</c> is refused, so that what fetches links ahead of people changes nothing.
/// </summary>
internal static class VerifyEmailLink
{
    private const string Path = "/v1/auth/email/verify";

    private const string PostOnly =
        "POST required; GET on this endpoint is rejected to defeat magic-link prefetchers";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, HandleAsync)
            .WithName("verifyEmailLink")
            .WithSummary("Confirms a sign-in by the token of its link")
            .Accepts<LinkBody>("application/json")
            .Produces<VerifyEmailLinkAnswer>()
            .ProducesRefusals(400, 401, 413, 415, 503);
        routes.MapGet(Path, RefuseGet)
            .WithName("verifyEmailLinkByGet")
            .WithSummary("Refused: a link is confirmed by POST")
            .Produces<string>(StatusCodes.Status405MethodNotAllowed, "text/plain");
    }

    /// <summary>The one refusal of unknown, used, expired and mismatched links.</summary>
    public static Refusal NotValid() => new(
        EmailRefusals.LinkNotValid, "the link is not valid: it is unknown, was used already, or has expired");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, IStagedSignIns signIns, SignInMetrics metrics, CancellationToken stop)
    {
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var read = await RequestJson.ReadAsync(http.Request, EmailJson.Default.LinkBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);

        var wrong = Confirm(read.Value, signIns);
        metrics.Count(SignInMethod.EmailLink, wrong);
        return wrong is null ? TypedResults.Ok(new VerifyEmailLinkAnswer(true)) : await attempt.RefuseAsync(wrong);
    }

    private static Refusal? Confirm(LinkBody body, IStagedSignIns signIns)
    {
        Sha256Digest? request = body.RequestId is { } id ? Sha256Digest.Of(id) : null;
        var finished = LinkToken.Read(body.Token) is { } token
            ? signIns.Finish(SignInMethod.EmailLink, token.Hash, request, signIn =>
                StagedResult.Verified(new ProvenIdentity(IdentityType.Email, signIn.Kept)))
            : null;
        return finished is null ? NotValid() : null;
    }

    private static ContentHttpResult RefuseGet(HttpContext http)
    {
        http.Response.Headers.Allow = HttpMethods.Post;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Text(PostOnly, "text/plain", statusCode: StatusCodes.Status405MethodNotAllowed);
    }
}
