using System.Text.Json;
using Broker.Foundation;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// Reads a JWK Set (RFC 7517 §5). Keys that we cannot use are passed over; private ones of the operator's own file are
/// refused, for they should not be there.
/// </summary>
internal static class KeySet
{
    private const int MostKeys = 64;

    /// <exception cref="FormatException">It has no key that can be used; says why.</exception>
    public static IReadOnlyList<VerificationKey> Parse(byte[] json)
    {
        try
        {
            using var document = StrictJson.Parse(json);
            return Read(document.RootElement);
        }
        catch (JsonException wrong)
        {
            throw new FormatException("its key set is not acceptable JSON", wrong);
        }
    }

    /// <exception cref="FormatException">It has no key that can be used; says why.</exception>
    public static IReadOnlyList<VerificationKey> Read(JsonElement set)
    {
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("keys", out var keys)
            || keys.ValueKind != JsonValueKind.Array)
            throw new FormatException("a key set must be an object with keys (RFC 7517)");
        if (keys.GetArrayLength() > MostKeys) throw new FormatException($"a key set has at most {MostKeys} keys");
        var found = keys.EnumerateArray().Select(VerificationKey.Read).OfType<VerificationKey>().ToArray();
        return found.Length > 0
            ? found
            : throw new FormatException("its key set has no RSA key of 2048 bits and no P-256, P-384 or P-521 key");
    }

    /// <summary>Whether a key is there that should be kept secret.</summary>
    public static bool HasPrivate(JsonElement set) =>
        set.ValueKind == JsonValueKind.Object && set.TryGetProperty("keys", out var keys)
        && keys.ValueKind == JsonValueKind.Array
        && keys.EnumerateArray().Any(key => key.ValueKind == JsonValueKind.Object
            && (key.TryGetProperty("d", out _) || key.TryGetProperty("k", out _)));
}
