using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Broker.Foundation;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>A signed token (RFC 7515 §7.1) taken apart; nothing in it is believed yet.</summary>
internal sealed class ForeignToken : IDisposable
{
    private const int LongestText = 512;

    private readonly JsonDocument _claims;

    private ForeignToken(JsonElement header, JsonDocument claims, byte[] signed, byte[] signature)
    {
        Algorithm = Text(header, "alg") ?? "";
        KeyId = Text(header, "kid");
        _claims = claims;
        (Signed, Signature) = (signed, signature);
    }

    public string Algorithm { get; }

    /// <summary>Null where the token names no key.</summary>
    public string? KeyId { get; }

    public JsonElement Claims => _claims.RootElement;

    public byte[] Signed { get; }

    public byte[] Signature { get; }

    /// <summary>A claim that is a text of at most 512 characters; null where there is none.</summary>
    public string? this[string claim] => Text(Claims, claim);

    /// <exception cref="FormatException">It is not such a token; says why.</exception>
    public static ForeignToken Read(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 3 || parts.Any(part => part.Length == 0))
            throw new FormatException("it is not a signed JWT");
        JsonDocument? claims = null;
        try
        {
            using var header = StrictJson.Parse(Base64Url.DecodeFromChars(parts[0]));
            claims = StrictJson.Parse(Base64Url.DecodeFromChars(parts[1]));
            if (!IsJwt(header.RootElement) || claims.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException("its header must be that of a JWT, without crit");
            return new ForeignToken(
                header.RootElement, claims, Encoding.ASCII.GetBytes(text, 0, parts[0].Length + 1 + parts[1].Length),
                Base64Url.DecodeFromChars(parts[2]));
        }
        catch (JsonException wrong)
        {
            claims?.Dispose();
            throw new FormatException("its header and claims must be JSON objects, each member once", wrong);
        }
        catch (FormatException)
        {
            claims?.Dispose();
            throw;
        }
    }

    /// <summary>Seconds since 1970, whole or not (RFC 7519 §2); null where the claim is none.</summary>
    public DateTimeOffset? Time(string claim) =>
        Claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    /// <summary>RFC 7519 §4.1.3: one text, or a list of them.</summary>
    public bool IsFor(string audience) => Claims.TryGetProperty("aud", out var aud)
        && (aud.ValueKind == JsonValueKind.Array
            ? aud.EnumerateArray().Any(one => Is(one, audience))
            : Is(aud, audience));

    public void Dispose() => _claims.Dispose();

    private static bool IsJwt(JsonElement header) =>
        header.ValueKind == JsonValueKind.Object && !header.TryGetProperty("crit", out _)
        && (!header.TryGetProperty("typ", out _)
            || (Text(header, "typ") is { } type
                && (type.Equals("JWT", StringComparison.OrdinalIgnoreCase)
                    || type.Equals("JOSE", StringComparison.OrdinalIgnoreCase))));

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 and <= LongestText } text
            ? text
            : null;

    private static bool Is(JsonElement audience, string wanted) =>
        audience.ValueKind == JsonValueKind.String && audience.GetString() == wanted;
}
