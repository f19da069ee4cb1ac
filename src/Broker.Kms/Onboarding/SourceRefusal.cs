using System.Text.Json;
using Broker.Foundation;

namespace Broker.Kms.Onboarding;

/// <summary>
/// A source's refusal, as far as it is one of those that KMS and policies are known to give (kms-protocol §7.2 to
/// §7.4). It is told in the reference's form; what is behind the known words is not.
/// </summary>
internal static class SourceRefusal
{
    private static readonly string[] Kinds =
    [
        "KMS self authorization failed: KMS is not allowed",
        "KMS self authorization failed",
        "Boot denied",
        "No attestation provided",
        "invalid quote",
        "Failed to verify os image hash",
    ];

    private static readonly string[] Reasons =
    [
        "TCB status is not allowed",
        "TCB status is not up to date",
        "advisory ID is not allowed",
        "OS image is not allowed",
        "aggregated MR not allowed",
        "Aggregated MR not allowed",
        "KMS is not allowed to boot on this device",
        "authorization backend unavailable",
        "invalid authorization request",
    ];

    /// <summary>Null where the answer says nothing that is known.</summary>
    public static string? Known(byte[] answer)
    {
        if (TextOf(answer) is not { } text) return null;
        var kind = Kinds.FirstOrDefault(known => text.StartsWith(known, StringComparison.Ordinal));
        if (kind is null) return null;
        var told = Reasons.Select(reason => $"{kind}: {reason}").FirstOrDefault(known => known == text) ?? kind;
        return $"{{\n  \"error\": \"{told}\"\n}}";
    }

    private static string? TextOf(byte[] answer)
    {
        try
        {
            using var json = StrictJson.Parse(answer);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String
                ? error.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
