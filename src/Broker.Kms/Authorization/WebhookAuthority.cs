using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Attestation.Apps;
using Broker.Foundation;
using Broker.Foundation.Results;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Authorization;

/// <summary>
/// The authorization webhook over HTTP (kms-protocol §7.1): <c>POST &lt;url&gt;/bootAuth/app</c> or
/// <c>/bootAuth/kms</c> for a decision, <c>GET &lt;url&gt;</c> for its description. No retry and no memory. An answer
/// that is late, too long, incomplete, ambiguous or not 2xx is not an answer, and so a refusal. Of what the webhook says
/// only the policy's reason is handed on.
/// </summary>
/// <param name="http">Its timeout bounds a call, body included.</param>
/// <param name="url">The configured address, used as it is.</param>
/// <param name="log">For what the webhook said in its own words, at debug level.</param>
internal sealed partial class WebhookAuthority(HttpClient http, string url, ILogger<WebhookAuthority> log)
    : IBootAuthority
{
    /// <summary>An answer has a few hundred bytes; more than this is read by nobody.</summary>
    public const int MaxAnswerBytes = 64 * 1024;

    private const int MaxReasonLength = 300;

    public async Task<Result<BootDecision>> DecideAsync(BootRole role, BootInfo boot, CancellationToken stop)
    {
        var target = $"{url.TrimEnd('/')}/bootAuth/{(role == BootRole.App ? "app" : "kms")}";
        using var question = new HttpRequestMessage(HttpMethod.Post, target)
        {
            Content = new ByteArrayContent(BootInfoJson.Write(boot)),
        };
        question.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        var answer = await AskAsync(question, WebhookJson.Default.BootAnswer, stop);
        return answer.IsRefused
            ? answer.Refusal
            : new BootDecision(answer.Value.IsAllowed, answer.Value.GatewayAppId, Reason(answer.Value.Reason));
    }

    public async Task<Result<AuthorityDescription>> DescribeAsync(CancellationToken stop)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, url);
        var answer = await AskAsync(question, WebhookJson.Default.DescriptionAnswer, stop);
        return answer.IsRefused
            ? answer.Refusal
            : new AuthorityDescription(
                IsDev: false,
                answer.Value.GatewayAppId,
                answer.Value.KmsContractAddr,
                answer.Value.ChainId,
                answer.Value.AppImplementation,
                answer.Value.EthRpcUrl);
    }

    private async Task<Result<T>> AskAsync<T>(
        HttpRequestMessage question, JsonTypeInfo<T> form, CancellationToken stop)
        where T : class
    {
        // The operator's address may hold a password or a token, and callers and the ledger see the refusal.
        var target = ForeignText.Address(question.RequestUri!);
        try
        {
            using var response = await http.SendAsync(question, HttpCompletionOption.ResponseContentRead, stop);
            var body = await response.Content.ReadAsByteArrayAsync(stop);
            var status = HttpStatusText.Of(response.StatusCode);
            if (!response.IsSuccessStatusCode)
            {
                LogAnswer(target, status, Quote(body));
                return Unavailable($"auth api {target} returned {status}");
            }

            try
            {
                return StrictJson.Deserialize(body, form);
            }
            catch (JsonException malformed)
            {
                LogAnswer(target, status, Quote(body));
                LogMalformed(malformed);
                return Unavailable($"failed to decode response from {target}, status={status}");
            }
        }
        catch (HttpRequestException failed)
        {
            LogUnreachable(failed, target);
            return Unavailable($"error sending request for url ({target}): {HttpFault.Describe(failed)}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            var patience = $"{http.Timeout.TotalSeconds:0.#} s";
            return Unavailable($"error sending request for url ({target}): no answer within {patience}");
        }
    }

    private static Refusal Unavailable(string text) => new(AuthorizationRefusals.AuthorityUnavailable, text);

    /// <summary>The policy's reason is for whoever was denied, but in bounds and on one line.</summary>
    private static string Reason(string text)
    {
        var shown = text.Length <= MaxReasonLength ? text : text[..MaxReasonLength] + "…";
        return string.Concat(shown.Select(character => char.IsControl(character) ? ' ' : character));
    }

    private string Quote(byte[] body) => ForeignText.Excerpt(body, ForeignText.SecretsOf(new Uri(url)));

    [LoggerMessage(LogLevel.Debug, "{Address} answered {Status}: {Body}")]
    private partial void LogAnswer(string address, string status, string body);

    [LoggerMessage(LogLevel.Debug, "The webhook's answer cannot be read")]
    private partial void LogMalformed(Exception malformed);

    [LoggerMessage(LogLevel.Debug, "{Address} cannot be asked")]
    private partial void LogUnreachable(Exception failed, string address);
}

/// <summary>The webhook's decision. All three are required; unknown keys are ignored.</summary>
internal sealed record BootAnswer
{
    public required bool IsAllowed { get; init; }

    public required string GatewayAppId { get; init; }

    public required string Reason { get; init; }
}

/// <summary>The webhook's description of itself.</summary>
internal sealed record DescriptionAnswer
{
    public required string Status { get; init; }

    public required string KmsContractAddr { get; init; }

    public required string GatewayAppId { get; init; }

    public required ulong ChainId { get; init; }

    public required string AppImplementation { get; init; }

    public string EthRpcUrl { get; init; } = "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BootAnswer))]
[JsonSerializable(typeof(DescriptionAnswer))]
internal sealed partial class WebhookJson : JsonSerializerContext;
