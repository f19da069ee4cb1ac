using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>
/// Writes a refusal: <c>{"error","message","code","next_step","request_id"}</c>. The first two are the contract's
/// (§1.1); the message is <c>&lt;kind&gt;: &lt;detail&gt;</c>. A route whose protocol has another shape says so by an
/// <see cref="IErrorShape"/>; a route for people has an <see cref="IErrorPage"/>.
/// </summary>
internal sealed class ErrorAnswer(Refusal refusal) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext) => await WriteAsync(httpContext, refusal);

    public static async Task WriteAsync(HttpContext http, Refusal refusal)
    {
        var answer = refusal.Code;
        http.NoteRefusal(refusal.Code);
        var shape = http.GetEndpoint()?.Metadata.GetMetadata<IErrorShape>() ?? OwnShape.Instance;
        var response = http.Response;
        response.StatusCode = shape.StatusOf(answer);
        response.Headers.CacheControl = "no-store";
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = shape.ChallengeOf(http) ?? BearerChallenge(http, answer);
        var again = response.StatusCode == StatusCodes.Status503ServiceUnavailable
            ? refusal.RetryAfter ?? TimeSpan.FromSeconds(1)
            : refusal.RetryAfter;
        if (again is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<IErrorPage>() is { } page)
        {
            await page.WriteAsync(http, refusal);
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            shape.Write(json, refusal);
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
    /// Both say where a client learns who gives tokens (RFC 9728 §5.1).
    /// </summary>
    private static string BearerChallenge(HttpContext http, RefusalCode code)
    {
        // A token that is bound to a key is asked for by the scheme of its proof (RFC 9449 §7.1).
        var scheme = BearerToken.HasProvenScheme(http.Request) ? BearerToken.ProvenScheme : code.ChallengeScheme;
        var parts = new List<string>(3);
        if (code.ChallengeError is { } error) parts.Add($"error=\"{error}\"");
        if (http.RequestServices.GetService<ResourceMetadata>() is { } metadata)
            parts.Add($"resource_metadata=\"{metadata.Address}\"");
        if (scheme == BearerToken.ProvenScheme) parts.Add("algs=\"ES256\"");
        return parts.Count == 0 ? scheme : $"{scheme} {string.Join(", ", parts)}";
    }

    private sealed class OwnShape : IErrorShape
    {
        public static readonly OwnShape Instance = new();

        public int StatusOf(RefusalCode code) => code.Status;

        public void Write(Utf8JsonWriter json, Refusal refusal)
        {
            json.WriteString("error"u8, refusal.Code.Kind);
            json.WriteString("message"u8, $"{refusal.Code.Kind.Replace('_', ' ')}: {refusal.Detail}");
        }
    }
}
