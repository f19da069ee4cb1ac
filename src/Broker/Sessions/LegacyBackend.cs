using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.Sessions;

/// <summary>
/// The backend that knows opaque bearers (contract §9): <c>GET &lt;base&gt;/session/validate</c> with the bearer. 200
/// with a wallet lets the caller in, 401 refuses it, and anything else means that nobody knows. What the backend says
/// in its own words goes to the log at debug level and nowhere else.
/// </summary>
internal sealed class LegacyBackend(HttpClient http, ILogger<LegacyBackend> log)
{
    public const string ClientName = "legacy-backend";
    private const int LongestAnswer = 64 * 1024;

    private static readonly TimeSpan LongestHealthCheck = TimeSpan.FromSeconds(3);

    public async Task<Result<EthereumAddress>> ValidateAsync(BearerToken bearer, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "session/validate");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer.Text);
            using var response = await http.SendAsync(request, stop);
            var body = await response.Content.ReadAsByteArrayAsync(stop);
            Result<EthereumAddress> outcome = response.StatusCode switch
            {
                HttpStatusCode.OK => ReadWallet(body),
                HttpStatusCode.Unauthorized => new Refusal(
                    SessionRefusals.InvalidBearer, "session not valid: the backend does not accept the bearer"),
                var other => Unknown($"backend returned {(int)other}"),
            };
            if (outcome.Refusal is not null && log.IsEnabled(LogLevel.Debug))
                SessionsLog.BackendSaid(log, (int)response.StatusCode, ForeignText.Excerpt(body, bearer.Text));
            return outcome;
        }
        catch (HttpRequestException fault)
        {
            return Unknown(fault.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded
                ? $"the backend's answer is longer than {LongestAnswer} bytes"
                : $"the backend could not be reached ({fault.HttpRequestError})");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Unknown("the backend did not answer in time");
        }
    }

    /// <summary>True when <c>GET &lt;base&gt;/healthz</c> answers with success.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(LongestHealthCheck);
        try
        {
            using var response = await http.GetAsync("healthz", limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public static void Configure(HttpClient client, Uri url, TimeSpan timeout)
    {
        client.BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/");
        client.Timeout = timeout;
        client.MaxResponseContentBufferSize = LongestAnswer;
    }

    private static Result<EthereumAddress> ReadWallet(byte[] body)
    {
        try
        {
            using var document = StrictJson.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("wallet", out var wallet)
                || wallet.ValueKind != JsonValueKind.String)
            {
                return Unknown("validate response missing wallet field");
            }

            return EthereumAddress.TryParse(wallet.GetString(), out var address)
                ? address
                : Unknown("validate response has a malformed wallet");
        }
        catch (JsonException)
        {
            return Unknown("parse validate response: it is not JSON");
        }
    }

    private static Refusal Unknown(string why) => new(SessionRefusals.BackendUnreachable, why);
}
