using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>
/// Writes a refusal: <c>{"error","message","code","next_step","request_id"}</c>. The first two are the contract's
/// (§1.1); the message is <c>&lt;kind&gt;: &lt;detail&gt;</c>.
/// </summary>
internal sealed class ErrorAnswer(Refusal refusal) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext) => await WriteAsync(httpContext, refusal);

    public static async Task WriteAsync(HttpContext http, Refusal refusal)
    {
        var answer = refusal.Code;
        http.NoteRefusal(refusal.Code);
        var response = http.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        if (answer.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = BearerChallenge(answer);
        if (refusal.RetryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("error"u8, answer.Kind);
            json.WriteString("message"u8, $"{answer.Kind.Replace('_', ' ')}: {refusal.Detail}");
            json.WriteString("code"u8, answer.Text);
            json.WriteString("next_step"u8, answer.NextStep);
            json.WriteString("request_id"u8, http.RequestId());
            json.WriteEndObject();
        }

        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(http.Request.Method))
            await response.Body.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }

    /// <summary>
    /// RFC 6750 §3: a bearer that was sent and does not hold is an error; where none was sent the challenge has none.
    /// </summary>
    private static string BearerChallenge(RefusalCode code) =>
        code.ChallengeError is { } error ? $"Bearer error=\"{error}\"" : "Bearer";
}
