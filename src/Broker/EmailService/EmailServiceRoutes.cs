using System.Text.Json.Serialization;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Inbox;
using Broker.Ledger;
using Broker.Mail.Ses;
using Broker.Refusals;
using Broker.Roles;
using Broker.Sessions;
using Microsoft.AspNetCore.Mvc;

namespace Broker.EmailService;

/// <summary>Body of <c>POST /v1/email/send</c> (contract §11.5).</summary>
internal sealed record SendEmailBody(
    [property: JsonPropertyName("from"), JsonRequired] string From,
    [property: JsonPropertyName("to"), JsonRequired] string[] To,
    [property: JsonPropertyName("subject"), JsonRequired] string Subject,
    [property: JsonPropertyName("body_text"), JsonRequired] string Text,
    [property: JsonPropertyName("body_html")] string? Html = null);

/// <param name="MessageId">SES's.</param>
internal sealed record SendEmailAnswer(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("message_id")] string MessageId,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>Answer of <c>GET /v1/email/inbox/{actor_omni}</c>, newest first.</summary>
/// <param name="IsComplete">False where the prefix holds more messages than are looked at.</param>
internal sealed record EmailInboxAnswer(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("actor_omni")] string Actor,
    [property: JsonPropertyName("bucket")] string Bucket,
    [property: JsonPropertyName("prefix")] string Prefix,
    [property: JsonPropertyName("entries")] IReadOnlyList<EmailInboxEntry> Entries,
    [property: JsonPropertyName("complete")] bool IsComplete);

/// <summary>A message as it lies in the bucket; size in bytes, time as RFC 3339 has it.</summary>
internal sealed record EmailInboxEntry(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("last_modified")] string LastModified);

/// <summary>
/// The email service: <c>POST /v1/email/send</c> and <c>GET /v1/email/inbox/{actor_omni}</c>, for the holder of the
/// actor's session token.
/// </summary>
internal static class EmailServiceRoutes
{
    /// <summary>Where all of them are, and nothing else.</summary>
    public const string Prefix = "/v1/email/";

    /// <summary>SES's own bound of a message.</summary>
    private const int MostRecipients = 50;

    /// <summary>RFC 5322 §2.1.1: of a line.</summary>
    private const int LongestSubject = 998;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost($"{Prefix}send", SendAsync)
            .WithName("email-send").WithSummary("Send mail from an address of the caller's own")
            .TakesBearer().Accepts<SendEmailBody>("application/json").Produces<SendEmailAnswer>()
            .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);
        routes.MapGet($"{Prefix}inbox/{{actor_omni}}", ListAsync)
            .WithName("email-inbox").WithSummary("The caller's inbound mail as it lies in the bucket")
            .TakesBearer().Produces<EmailInboxAnswer>()
            .ProducesRefusals(400, 401, 403, 429, 500, 501, 502, 503);
    }

    private static async Task<IResult> SendAsync(
        HttpContext http, Attempts attempts, Callers callers, SendOwnMail send, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SentMail.Kind, SentMail.RequestedRole);
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var read = await RequestJson.ReadAsync(http.Request, EmailServiceJson.Default.SendEmailBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var message = MessageOf(read.Value);
        if (message.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);

        // On record, then sent.
        var sent = await send.RunAsync(caller.Value, message.Value, attempt.RequestId);
        if (sent.Refusal is { } denied) return await attempt.RefuseAsync(denied);
        return TypedResults.Json(
            new SendEmailAnswer(true, sent.Value.MessageId, sent.Value.RecordId),
            EmailServiceJson.Default.SendEmailAnswer);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, [FromRoute(Name = "actor_omni")] string given, Attempts attempts, Callers callers,
        OwnInbox inbox, InboxOptions options, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, InboxModule.Kind, RoleCatalogue.DefaultName);
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        if (OmniOf(given) is not { } actor)
        {
            return await attempt.RefuseAsync(
                new Refusal(HttpRefusals.InvalidField, "actor_omni must be 64 hex digits, with 0x or without"));
        }

        if (actor != caller.Value.Actor)
        {
            return await attempt.RefuseAsync(
                new Refusal(EmailServiceRefusals.NotOwnInbox, "actor_omni is not that of the session"));
        }

        var own = await inbox.ListAsync(caller.Value, attempt, stop);
        if (own.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var prefix = $"bots/{actor}/inbound/";
        if (own.Value.Denied.Contains(prefix, StringComparer.Ordinal))
        {
            return await attempt.RefuseAsync(
                new Refusal(InboxRefusals.Denied, $"S3 does not let the caller list {prefix}"));
        }

        return TypedResults.Json(
            new EmailInboxAnswer(
                true, $"0x{actor}", options.Bucket!, prefix,
                [.. own.Value.Messages.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(
                    one => new EmailInboxEntry(one.Key, one.Size, Rfc3339.Write(one.ReceivedAt)))],
                own.Value.IsComplete),
            EmailServiceJson.Default.EmailInboxAnswer);
    }

    private static Result<SesMessage> MessageOf(SendEmailBody body)
    {
        if (!EmailAddress.TryParse(body.From, out var from)) return Wrong($"from must be {EmailAddress.Form}");
        if (body.To.Length is 0 or > MostRecipients) return Wrong($"to must have 1 to {MostRecipients} addresses");
        var recipients = new List<EmailAddress>();
        foreach (var one in body.To)
        {
            if (!EmailAddress.TryParse(one, out var to)) return Wrong($"each of to must be {EmailAddress.Form}");
            recipients.Add(to);
        }

        if (body.Subject.Length is 0 or > LongestSubject || body.Subject.Any(char.IsControl))
            return Wrong($"subject must be 1 to {LongestSubject} printable characters");
        return body.Text.Length > 0
            ? new SesMessage(from, recipients, body.Subject, body.Text, body.Html)
            : Wrong("body_text must not be empty");
    }

    private static ActorOmni? OmniOf(string text)
    {
        var hex = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        return ActorOmni.TryParse(hex.ToLowerInvariant(), out var omni) ? omni : null;
    }

    private static Refusal Wrong(string why) => new(HttpRefusals.InvalidField, why);
}
