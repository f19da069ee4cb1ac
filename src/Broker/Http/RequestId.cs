using System.Buffers;
using System.Security.Cryptography;

namespace Broker.Http;

/// <summary>
/// Gives every request an id: the caller's <c>X-Request-Id</c> when it is 8 to 64 of <c>A-Za-z0-9._-</c>, else 16
/// random hex digits. It stands in the answer's header, in the log and in the ledger.
/// </summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static string RequestId(this HttpContext http) => http.TraceIdentifier;

    public static void UseRequestIds(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        string? given = http.Request.Headers[Header];
        http.TraceIdentifier = given is { Length: >= 8 and <= 64 } && !given.AsSpan().ContainsAnyExcept(Allowed)
            ? given
            : RandomNumberGenerator.GetHexString(16, lowercase: true);
        http.Response.Headers[Header] = http.TraceIdentifier;
        return next(http);
    });
}
