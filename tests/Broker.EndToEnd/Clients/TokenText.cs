using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.EndToEnd.Clients;

/// <summary>Takes ES256 tokens apart and puts others together (RFC 7515 §3.1), to see who notices.</summary>
internal static class TokenText
{
    public static JsonObject Header(string token) => Part(token, 0);

    public static JsonObject Claims(string token) => Part(token, 1);

    /// <summary>A token with this header and these claims, signed by <paramref name="key"/>.</summary>
    public static string Sign(JsonObject header, JsonObject claims, ECDsa key)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Other claims under the signature of the original.</summary>
    public static string Replace(string token, JsonObject claims)
    {
        var parts = token.Split('.');
        return $"{parts[0]}.{Encode(claims)}.{parts[2]}";
    }

    /// <summary>The private key of a key file of the broker's.</summary>
    public static ECDsa ReadKey(string keyFile)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(JsonElement.Parse(File.ReadAllBytes(keyFile)).GetProperty("private_key_pem").GetString());
        return key;
    }

    private static JsonObject Part(string token, int index) =>
        JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[index]))!.AsObject();

    private static string Encode(JsonObject part) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
