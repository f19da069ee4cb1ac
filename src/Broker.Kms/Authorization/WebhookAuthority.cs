using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Attestation.Dstack;
using Broker.Ledger;

namespace Broker.Kms.Authorization;

/// <summary>
/// The authorization webhook over HTTP (kms-protocol §7.1): <c>POST &lt;url&gt;/bootAuth/app</c> or
/// <c>/bootAuth/kms</c> for a decision, <c>GET &lt;url&gt;</c> for its description. No retry and no memory. An answer
/// that is late, too long, incomplete or not 2xx is no answer, and so a refusal.
/// </summary>
/// <param name="http">Its timeout bounds a call, body included.</param>
/// <param name="url">The configured address, used as it is.</param>
internal sealed class WebhookAuthority(HttpClient http, string url) : IBootAuthority
{
    /// <summary>An answer has a few hundred bytes; more than this is read by nobody.</summary>
    public const int MaxAnswerBytes = 64 * 1024;

    private const int QuotedBodyBytes = 512;

    public async Task<Verdict<BootDecision>> DecideAsync(BootRole role, BootInfo boot, CancellationToken stop)
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
            : new BootDecision(answer.Value.IsAllowed, answer.Value.GatewayAppId, answer.Value.Reason);
    }

    public async Task<Verdict<AuthorityDescription>> DescribeAsync(CancellationToken stop)
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

    private async Task<Verdict<T>> AskAsync<T>(
        HttpRequestMessage question, JsonTypeInfo<T> form, CancellationToken stop)
        where T : class
    {
        var target = question.RequestUri!.OriginalString;
        try
        {
            using var response = await http.SendAsync(question, HttpCompletionOption.ResponseContentRead, stop);
            var body = await response.Content.ReadAsByteArrayAsync(stop);
            var status = $"{(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
            if (!response.IsSuccessStatusCode)
                return Unavailable($"auth api {target} returned {status}: {Quote(body)}");

            try
            {
                return JsonSerializer.Deserialize(body, form) ?? throw new JsonException("null is no answer");
            }
            catch (JsonException malformed)
            {
                return Unavailable(
                    $"failed to decode response from {target}, status={status}, "
                    + $"body={Quote(body)}: {malformed.Message}");
            }
        }
        catch (HttpRequestException failed)
        {
            return Unavailable($"error sending request for url ({target}): {failed.Message}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            var patience = $"{http.Timeout.TotalSeconds:0.#} s";
            return Unavailable($"error sending request for url ({target}): no answer within {patience}");
        }
    }

    private static Refusal Unavailable(string text) => new(text, LedgerOutcome.BackendError);

    private static string Quote(byte[] body) =>
        Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, QuotedBodyBytes));
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
