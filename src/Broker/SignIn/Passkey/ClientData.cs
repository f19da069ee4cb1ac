using System.Buffers.Text;
using System.Text.Json;
using Broker.Foundation;

namespace Broker.SignIn.Passkey;

/// <summary>The challenge in an authenticator's client data (WebAuthn §5.8.1): which ceremony the answer is for.</summary>
internal static class ClientData
{
    /// <summary>The longest that is read, in bytes.</summary>
    public const int Longest = 4096;

    /// <summary>The challenge, of <see cref="PasskeyVerifier.ChallengeLength"/> bytes; null where there is none.</summary>
    public static byte[]? ChallengeOf(byte[] clientDataJson)
    {
        try
        {
            using var document = StrictJson.Parse(clientDataJson);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("challenge", out var challenge)
                || challenge.ValueKind != JsonValueKind.String) return null;
            var text = challenge.GetString()!;
            if (!Base64Url.IsValid(text)) return null;
            var bytes = Base64Url.DecodeFromChars(text);
            return bytes.Length == PasskeyVerifier.ChallengeLength ? bytes : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
