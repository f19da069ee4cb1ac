using System.Net.Mail;
using Broker.LocalCloud.Access;
using Broker.LocalCloud.Faults;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.S3;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.Ses;

/// <summary>
/// SES v2: <c>SendEmail</c> and <c>GetEmailIdentity</c>, signed and allowed by the caller's policies; and
/// <c>GET /_local/mails</c>, on which a developer reads what would have been sent.
/// </summary>
internal sealed class SesRoutes(
    CloudResources resources, SignatureVerifier signatures, Outbox outbox, InjectedFaults faults, TimeProvider clock)
{
    private const int MaxBodyBytes = 1024 * 1024;
    private const int MaxRecipients = 50;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v2/email/outbound-emails", (SesRoutes ses, HttpContext http, CancellationToken stop) =>
            ses.AnswerAsync(http, ses.SendEmail, stop));
        routes.MapGet(
            "/v2/email/identities/{identity}",
            (SesRoutes ses, HttpContext http, string identity, CancellationToken stop) =>
                ses.AnswerAsync(http, (_, signature, _) => ses.GetEmailIdentity(http, signature, identity), stop));
        routes.MapGet("/_local/mails", (Outbox outbox) => Results.Json(outbox.All()));
    }

    private async Task<IResult> AnswerAsync(
        HttpContext http, Func<HttpContext, VerifiedSignature, byte[], Outcome<IResult>> act, CancellationToken stop)
    {
        http.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        if (await faults.StrikeAsync(CloudPart.Ses, stop) is { } injected) return Error(http, injected);
        if (await RequestBody.ReadAsync(http.Request, MaxBodyBytes, stop) is not { } body)
            return Error(http, new(413, "BadRequestException", $"a request has at most {MaxBodyBytes} bytes"));
        var (signature, fault) = signatures.Verify(http.Request, "ses", CanonicalRequest.Hash(body));
        var outcome = signature is null ? Of(fault) : act(http, signature, body);
        return outcome.Refusal is { } refusal ? Error(http, refusal) : outcome.Value;
    }

    private Outcome<IResult> SendEmail(HttpContext http, VerifiedSignature signature, byte[] body)
    {
        if (SendEmailRequest.Parse(body) is not { } request) return Bad("the body is not a SendEmail request");
        if (!MailAddress.TryCreate(request.FromEmailAddress, out var from))
            return Bad("FromEmailAddress is not an address");
        var recipients = request.Destination?.All() ?? [];
        if (recipients.Count is 0 or > MaxRecipients
            || recipients.Any(address => !MailAddress.TryCreate(address, out _)))
            return Bad($"Destination must hold 1 to {MaxRecipients} addresses");
        if (request.Content?.Simple is not { Subject.Data: { } subject, Body: { } content }
            || (content.Text?.Data is null && content.Html?.Data is null))
            return Bad(
                "Content.Simple must have a subject and a text or html body; the local cloud sends nothing else");

        var identity = Verified(from.Address);
        if (Denied(http, signature, "ses:SendEmail", identity ?? from.Address) is { } denied) return denied;
        if (identity is null)
            return new AwsRefusal(
                400, "MessageRejected",
                $"Email address is not verified. The following identities failed the check: {from.Address}");

        var mail = new SentMail(
            Guid.NewGuid().ToString(), clock.GetUtcNow(), request.FromEmailAddress!, recipients, subject,
            content.Text?.Data, content.Html?.Data);
        outbox.Add(mail);
        return Outcome<IResult>.Of(Results.Json(new { mail.MessageId }, Wire));
    }

    private Outcome<IResult> GetEmailIdentity(HttpContext http, VerifiedSignature signature, string identity)
    {
        if (Denied(http, signature, "ses:GetEmailIdentity", identity) is { } denied) return denied;
        if (!resources.MailIdentities.Contains(identity, StringComparer.OrdinalIgnoreCase))
            return new AwsRefusal(404, "NotFoundException", $"Email identity {identity} does not exist.");
        return Outcome<IResult>.Of(Results.Json(
            new
            {
                IdentityType = identity.Contains('@', StringComparison.Ordinal) ? "EMAIL_ADDRESS" : "DOMAIN",
                VerifiedForSendingStatus = true,
                VerificationStatus = "SUCCESS",
            },
            Wire));
    }

    /// <summary>SES's members begin with capitals.</summary>
    private static System.Text.Json.JsonSerializerOptions Wire { get; } = new();

    /// <summary>The identity under which the address may send: itself, or its domain.</summary>
    private string? Verified(string address)
    {
        var domain = address[(address.LastIndexOf('@') + 1)..];
        return Known(address) ?? Known(domain);

        string? Known(string identity) => resources.MailIdentities.FirstOrDefault(
            known => known.Equals(identity, StringComparison.OrdinalIgnoreCase));
    }

    private AwsRefusal? Denied(HttpContext http, VerifiedSignature signature, string action, string identity)
    {
        var resource = Arn.MailIdentity(signature.Scope.Region, resources.Account, identity);
        return Authorization.Allows(signature.Caller, action, resource, null, S3Routes.ConditionKeys(http))
            ? null
            : new(403, "AccessDeniedException",
                $"User: {signature.Caller.Arn} is not authorized to perform: {action} on resource: {resource}");
    }

    private static AwsRefusal Bad(string message) => new(400, "BadRequestException", message);

    private static AwsRefusal Of(SignatureFault fault) => fault switch
    {
        SignatureFault.Missing => new(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        SignatureFault.Malformed => new(403, "IncompleteSignatureException", "The signature cannot be read."),
        SignatureFault.UnknownAccessKey or SignatureFault.WrongSessionToken => new(
            403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        SignatureFault.ExpiredCredentials => new(
            403, "ExpiredTokenException", "The security token included in the request is expired"),
        _ => new(
            403, "InvalidSignatureException", "The signature does not match this request, or its time has passed."),
    };

    private static IResult Error(HttpContext http, AwsRefusal refusal)
    {
        http.Response.Headers["x-amzn-ErrorType"] = refusal.Code;
        return Results.Json(new { message = refusal.Message }, statusCode: refusal.Status);
    }
}
