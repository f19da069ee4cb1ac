using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Inbox.Messages;
using Broker.Refusals;
using Broker.Roles;
using Broker.Sessions;

namespace Broker.Inbox;

/// <summary>
/// Answer of <c>GET /v1/mail/{id}</c>; times in Unix seconds. Everything but id, size and received_at is what a
/// stranger wrote.
/// </summary>
/// <param name="IsCut"><c>text_truncated</c>: the message has more text.</param>
internal sealed record ShowMailAnswer(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("received_at")] long ReceivedAt,
    [property: JsonPropertyName("from")] IReadOnlyList<MailboxItem> From,
    [property: JsonPropertyName("to")] IReadOnlyList<MailboxItem> To,
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("date")] long? Date,
    [property: JsonPropertyName("message_id")] string? MessageId,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("text_truncated")] bool IsCut,
    [property: JsonPropertyName("links")] IReadOnlyList<string> Links,
    [property: JsonPropertyName("verification_code")] string? VerificationCode,
    [property: JsonPropertyName("verification_link")] string? VerificationLink)
{
    public static ShowMailAnswer Of(OpenedMail opened)
    {
        var (stored, message) = (opened.Stored, opened.Message);
        return new ShowMailAnswer(
            stored.Id.ToString(), stored.Size, stored.ReceivedAt.ToUnixTimeSeconds(), Items(message.From),
            Items(message.To), message.Subject, message.Date?.ToUnixTimeSeconds(), message.MessageId, message.Text,
            message.IsCut, message.Links, message.VerificationCode, message.VerificationLink);
    }

    private static MailboxItem[] Items(IReadOnlyList<Mailbox> mailboxes) =>
        [.. mailboxes.Select(one => new MailboxItem(one.Name, one.Address))];
}

/// <summary>A mailbox as a header names it.</summary>
internal sealed record MailboxItem(
    [property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("address")] string Address);

/// <summary>
/// <c>GET /v1/mail/{id}</c>: one message of the caller's, taken apart. Another actor's message cannot be named: ids are
/// looked up below the caller's own prefixes, with credentials that reach no others.
/// </summary>
internal static class ShowMail
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/mail/{id}", HandleAsync)
        .WithName("showMail")
        .WithSummary("One message: headers, text, links, and a verification code or link recognised in it")
        .TakesBearer()
        .Produces<ShowMailAnswer>()
        .ProducesRefusals(400, 401, 403, 404, 422, 429, 500, 501, 502, 503);

    private static async Task<IResult> HandleAsync(
        string id, HttpContext http, Attempts attempts, Callers callers, OwnInbox inbox, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, InboxModule.Kind, RoleCatalogue.DefaultName);
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        if (!MessageId.TryParse(id, out var message))
        {
            return await attempt.RefuseAsync(
                new Refusal(HttpRefusals.InvalidField, $"id must be a message's ({MessageId.Form})"));
        }

        var opened = await inbox.OpenAsync(caller.Value, attempt, message, stop);
        if (opened.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        return TypedResults.Ok(ShowMailAnswer.Of(opened.Value));
    }
}
