using System.Text.Json.Serialization;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Refusals;
using Broker.Roles;
using Broker.Sessions;

namespace Broker.Inbox;

/// <summary>Answer of <c>GET /v1/mail</c>.</summary>
/// <param name="NextAfter">Where the next page begins; null where this is the last.</param>
/// <param name="IsComplete">False where a prefix holds more messages than are looked at; see the route.</param>
/// <param name="DeniedPrefixes">Prefixes of the caller's that S3 does not let it list.</param>
internal sealed record ListMailAnswer(
    [property: JsonPropertyName("messages")] IReadOnlyList<MailItem> Messages,
    [property: JsonPropertyName("next_after")] string? NextAfter,
    [property: JsonPropertyName("complete")] bool IsComplete,
    [property: JsonPropertyName("denied_prefixes")] IReadOnlyList<string> DeniedPrefixes);

/// <summary>A message; size in bytes, time in Unix seconds.</summary>
internal sealed record MailItem(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("received_at")] long ReceivedAt);

/// <summary>
/// <c>GET /v1/mail?after=&amp;limit=</c>: the caller's messages, newest first by S3's time of the object, and by name
/// among those of one second. S3 lists by name alone, so the whole prefix is listed and sorted here; of a prefix with
/// more than 10,000 messages the first 10,000 by name are, and the answer says that it is not complete.
/// </summary>
internal static class ListMail
{
    private const int UsualPage = 50;
    private const int LargestPage = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/mail", HandleAsync)
        .WithName("listMail")
        .WithSummary("The caller's inbound mail, newest first")
        .WithDescription("Read from the mail bucket with the caller's own AWS credentials, whose issue is on record.")
        .TakesBearer()
        .TakesText("after", "next_after of the page before.", MailPosition.Longest)
        .TakesNumber("limit", $"At most so many messages; {UsualPage} where it is left out.", 1, LargestPage)
        .Produces<ListMailAnswer>()
        .ProducesRefusals(400, 401, 403, 429, 500, 501, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, OwnInbox inbox, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, InboxModule.Kind, RoleCatalogue.DefaultName);
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var page = ReadPage(http.Request.Query);
        if (page.Refusal is { } malformed) return await attempt.RefuseAsync(malformed);

        var own = await inbox.ListAsync(caller.Value, attempt, stop);
        if (own.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        return TypedResults.Ok(AnswerOf(own.Value, page.Value.After, page.Value.Limit));
    }

    private static ListMailAnswer AnswerOf(OwnMail own, MailPosition? after, int limit)
    {
        var left = after is { } position
            ? own.Messages.SkipWhile(one => MailPosition.Of(one).CompareTo(position) <= 0)
            : own.Messages;
        StoredMail[] some = [.. left.Take(limit + 1)];
        StoredMail[] shown = [.. some.Take(limit)];
        return new ListMailAnswer(
            [.. shown.Select(one => new MailItem($"{one.Id}", one.Size, one.ReceivedAt.ToUnixTimeSeconds()))],
            some.Length > limit ? MailPosition.Of(shown[^1]).ToString() : null,
            own.IsComplete, own.Denied);
    }

    private static Result<(MailPosition? After, int Limit)> ReadPage(IQueryCollection query)
    {
        MailPosition? after = null;
        if (query["after"] is { Count: > 0 } position)
        {
            if (position.Count > 1 || !MailPosition.TryParse(position[0], out var given))
                return new Refusal(HttpRefusals.InvalidField, "after must be next_after of an answer");
            after = given;
        }

        if (query["limit"] is not { Count: > 0 } limit) return (after, UsualPage);
        return limit.Count == 1 && DecimalDigits.TryRead(limit[0], out var number) && number is >= 1 and <= LargestPage
            ? (after, (int)number)
            : new Refusal(HttpRefusals.InvalidField, $"limit must be 1 to {LargestPage}");
    }
}
