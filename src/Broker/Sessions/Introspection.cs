using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.Sessions;

/// <summary>
/// Asks the broker whether a session still holds (RFC 7662), with the session's token as its own bearer, as the broker's
/// <c>POST /oauth/introspect</c> takes it.
/// </summary>
internal sealed class Introspection(HttpClient http, Uri endpoint)
{
    public const string ClientName = "introspection";
    private const int LongestAnswer = 64 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Null where the session holds.</summary>
    public async ValueTask<Refusal?> CheckAsync(BearerToken bearer)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
            {
                Content = new FormUrlEncodedContent([new("token", bearer.Text), new("token_type_hint", "access_token")]),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer.Text);
            using var answer = await http.SendAsync(request);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => ReadActive(await answer.Content.ReadAsByteArrayAsync()),
                HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized => Ended,
                var other => Unknown($"the broker answered {(int)other}"),
            };
        }
        catch (HttpRequestException fault)
        {
            return Unknown($"the broker could not be reached ({fault.HttpRequestError})");
        }
        catch (OperationCanceledException)
        {
            return Unknown("the broker did not answer in time");
        }
    }

    public static void Configure(HttpClient client)
    {
        client.Timeout = TimeSpan.FromSeconds(5);
        client.MaxResponseContentBufferSize = LongestAnswer;
    }

    private static Refusal Ended => new(SessionRefusals.SessionRevoked, "the broker says that the session no longer holds");

    private static Refusal? ReadActive(byte[] body)
    {
        try
        {
            using var document = StrictJson.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("active", out var active))
            {
                if (active.ValueKind == JsonValueKind.True) return null;
                if (active.ValueKind == JsonValueKind.False) return Ended;
            }
        }
        catch (JsonException)
        {
            // Told below.
        }

        return Unknown("the broker's answer does not say whether the session is active (RFC 7662 §2.2)");
    }

    private static Refusal Unknown(string why) => new(SessionRefusals.BrokerUnreachable, why) { RetryAfter = Pause };
}
