using System.Text.Json.Serialization;
using Broker.Foundation;
using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;

namespace Broker.SignIn.Email;

/// <summary>Answer of <c>POST /v1/auth/email/preview</c>: what a person compares before confirming.</summary>
/// <param name="IsOfOwnPage">Whether the person began on the broker's own page, not in a terminal.</param>
internal sealed record PreviewEmailLinkAnswer(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("device_label")] string? DeviceLabel,
    [property: JsonPropertyName("compare_code")] string CompareCode,
    [property: JsonPropertyName("requested_at_iso")] string RequestedAt,
    [property: JsonPropertyName("expires_at_iso")] string ExpiresAt,
    [property: JsonPropertyName("began_on_page")] bool IsOfOwnPage);

/// <summary>
/// <c>POST /v1/auth/email/preview</c>: who asked for the link and when, for whoever holds it. The link stays good.
/// </summary>
internal static class PreviewEmailLink
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/email/preview", HandleAsync)
        .WithName("previewEmailLink")
        .WithSummary("What a sign-in link is for; the link stays good")
        .Accepts<LinkBody>("application/json")
        .Produces<PreviewEmailLinkAnswer>()
        .ProducesRefusals(400, 401, 413, 415, 429, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, EmailLimits limits, IStagedSignIns signIns, CancellationToken stop)
    {
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        if (limits.TakeLook(ClientAddress.Of(http)) is { } tooMany) return await attempt.RefuseAsync(tooMany);
        var read = await RequestJson.ReadAsync(http.Request, EmailJson.Default.LinkBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (LinkToken.Read(read.Value.Token) is not { } token
            || signIns.FindOpen(SignInMethod.EmailLink, token.Hash) is not { } signIn)
            return await attempt.RefuseAsync(VerifyEmailLink.NotValid());

        return TypedResults.Ok(new PreviewEmailLinkAnswer(
            signIn.Kept, signIn.DeviceLabel, signIn.CompareCode, Rfc3339.Write(signIn.IssuedAt),
            Rfc3339.Write(signIn.ExpiresAt), signIn.IsOfOwnPage));
    }
}
