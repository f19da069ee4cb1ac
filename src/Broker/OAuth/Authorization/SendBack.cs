namespace Broker.OAuth.Authorization;

/// <summary>
/// Sends the browser back to the client with an answer, by GET. Every answer says whose it is (RFC 9207).
/// </summary>
internal sealed class SendBack(AnswerPlace place, string issuer, params (string Name, string Value)[] answer) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var all = answer.Append(("iss", issuer));
        if (place.State is { } state) all = all.Append(("state", state));
        var query = string.Join('&', all.Select(one => $"{one.Item1}={Uri.EscapeDataString(one.Item2)}"));
        var separator = place.RedirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.Location = place.RedirectUri + separator + query;
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
