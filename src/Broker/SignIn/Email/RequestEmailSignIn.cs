using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger.Refusals;
using Broker.LedgerHosting;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Staged;
using FluentValidation;

namespace Broker.SignIn.Email;

/// <summary>
/// Body of <c>POST /v1/auth/email/request</c>. A <c>source_ip</c> that old clients send is not believed.
/// </summary>
/// <param name="DeviceLabel">What the asking device calls itself, for mail and page: 1 to 64 characters.</param>
internal sealed record RequestEmailSignInBody(
    [property: JsonPropertyName("email"), JsonRequired] string Email,
    [property: JsonPropertyName("device_label")] string? DeviceLabel = null);

/// <summary>Answer of <c>POST /v1/auth/email/request</c> (contract §2.11).</summary>
/// <param name="CompareCode">The same letters stand in the mail and on its page.</param>
internal sealed record RequestEmailSignInAnswer(
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("expires_in_seconds")] int ExpiresInSeconds,
    [property: JsonPropertyName("poll_url")] string PollUrl,
    [property: JsonPropertyName("compare_code")] string CompareCode);

/// <summary>
/// <c>POST /v1/auth/email/request</c>: mails a link to whoever reads this mailbox. Every mailbox is answered alike; see
/// <see cref="Mail.SendMail"/>.
/// </summary>
internal static class RequestEmailSignIn
{
    /// <summary>Without the request id at its end.</summary>
    public const string PollPath = "/v1/auth/email/status/";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/email/request", HandleAsync)
        .WithName("requestEmailSignIn")
        .WithSummary("A sign-in link by mail")
        .Accepts<RequestEmailSignInBody>("application/json")
        .Produces<RequestEmailSignInAnswer>()
        .ProducesRefusals(400, 413, 415, 429, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, EmailLimits limits, DiskReserve disk, BeginEmailSignIn begin,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);

        // 1. Read.
        var read = await RequestJson.ReadAsync(http.Request, EmailJson.Default.RequestEmailSignInBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (DeviceLabel.CheckForeign(read.Value.DeviceLabel) is { } taken) return await attempt.RefuseAsync(taken);
        var begun = await RunAsync(http, read.Value, limits, disk, begin);
        return begun.Refusal is { } refusal
            ? await attempt.RefuseAsync(refusal)
            : TypedResults.Ok(new RequestEmailSignInAnswer(
                begun.Value.RequestId, (int)EmailSignInOptions.LinkLifetime.TotalSeconds,
                PollPath + begun.Value.RequestId, begun.Value.CompareCode));
    }

    /// <summary>Whatever asks for a link comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<BegunEmailSignIn>> RunAsync(
        HttpContext http, RequestEmailSignInBody body, EmailLimits limits, DiskReserve disk, BeginEmailSignIn begin)
    {
        var wanted = body.CheckedBy(BodyValidator.Instance);
        if (wanted.Refusal is { } invalid) return invalid;
        var mailbox = EmailAddress.Parse(wanted.Value.Email);

        // 2. Not too often, by client, by mailbox, in all.
        if (limits.TakeMail(ClientAddress.Of(http), mailbox) is { } tooMany) return tooMany;

        // 3. A sign-in is kept on disk; the last of it is for releases and sign-outs.
        if (disk.IsReached) return LedgerRefusals.DiskIsNearlyFull();

        // 4. Kept, then mailed.
        var begun = await begin.RunAsync(mailbox, wanted.Value.DeviceLabel);
        if (begun.IsRefused) limits.GiveBack(mailbox);
        return begun;
    }

    private sealed class BodyValidator : AbstractValidator<RequestEmailSignInBody>
    {
        public static readonly BodyValidator Instance = new();

        private BodyValidator()
        {
            RuleFor(body => body.Email).Must(email => EmailAddress.TryParse(email, out _))
                .WithMessage($"email must be {EmailAddress.Form}, in ASCII, at most {EmailAddress.Longest} characters");
            RuleFor(body => body.DeviceLabel).Must(label => label is null || Staged.DeviceLabel.IsPlain(label))
                .WithMessage($"device_label must be 1 to {Staged.DeviceLabel.Longest} printable characters");
        }
    }
}
