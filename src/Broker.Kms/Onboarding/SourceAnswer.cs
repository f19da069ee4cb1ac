using System.Text;
using System.Text.Json;
using Broker.Foundation;
using Broker.Kms.Prpc;
using Broker.Ledger;
using Google.Protobuf;

namespace Broker.Kms.Onboarding;

/// <summary>What a source answered.</summary>
/// <param name="Status">In our words, such as <c>400 Bad Request</c>.</param>
/// <param name="Succeeded">Whether the status is 2xx.</param>
/// <param name="Body">The body, at most <see cref="SourceConnection.MaxAnswerBytes"/>.</param>
internal sealed record SourceAnswer(string Status, bool Succeeded, byte[] Body)
{
    /// <summary>How a KMS begins a refusal. One that is found in an answer is told, and nothing behind it.</summary>
    private static readonly string[] KnownRefusals =
    [
        "KMS self authorization failed: KMS is not allowed",
        "KMS self authorization failed",
        "Boot denied",
        "No attestation provided",
        "invalid quote",
        "Failed to verify os image hash",
    ];

    /// <summary>
    /// Reads a success as a message. A failure is a refusal that names the status, and what kind of refusal it is where
    /// that is known; the source's own words stay behind.
    /// </summary>
    public Verdict<T> Read<T>()
        where T : class, IMessage, new()
    {
        if (!Succeeded)
        {
            var kind = KnownRefusal() ?? "see the log and the ledger of the source";
            return new Refusal($"Request failed with status={Status}, error={kind}", LedgerOutcome.Denied);
        }

        try
        {
            var message = new T();
            PrpcJson.Read(Body, message);
            return message;
        }
        catch (PrpcFormatException)
        {
            return new Refusal(
                $"the source's answer is no {typeof(T).Name}", LedgerOutcome.BackendError);
        }
    }

    /// <summary>For the log at debug level only.</summary>
    public string Excerpt() => ForeignText.Excerpt(Encoding.UTF8.GetString(Body));

    private string? KnownRefusal()
    {
        try
        {
            using var answer = StrictJson.Parse(Body);
            return answer.RootElement.ValueKind == JsonValueKind.Object
                && answer.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String
                ? KnownRefusals.FirstOrDefault(known => error.GetString()!.StartsWith(known, StringComparison.Ordinal))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
