using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Broker.Floor;

/// <summary>Signs one token per request, with claims of the same kind and length as Broker's own.</summary>
internal sealed class TokenSigner : IDisposable
{
    private const string Wallet = "0x00112233445566778899aabbccddeeff00112233";
    private const string Actor = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _header = Base64Url.EncodeToString(
        """{"alg":"ES256","typ":"JWT","kid":"1qEtE4BdBBWYzrQOOdrJ1cYiVSbqeqUEfb5aeVdqTmc"}"""u8);

    /// <summary>Answers <c>{"jwt":"…"}</c>.</summary>
    public Task AnswerAsync(HttpResponse response)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"jwt":"{{Sign()}}"}""");
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    public void Dispose() => _key.Dispose();

    private string Sign()
    {
        var payload = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(payload)) WriteClaims(json);
        var signed = $"{_header}.{Base64Url.EncodeToString(payload.WrittenSpan)}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static void WriteClaims(Utf8JsonWriter json)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        json.WriteStartObject();
        json.WriteString("iss", "http://127.0.0.1:8091");
        json.WriteString("sub", $"agentkeys:agent:{Wallet}");
        json.WriteString("aud", "sts.amazonaws.com");
        json.WriteNumber("iat", now);
        json.WriteNumber("exp", now + 300);
        json.WriteString("jti", $"aud_{now}_{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        json.WriteString("agentkeys_user_wallet", Wallet);
        json.WriteString("agentkeys_actor_omni", Actor);
        json.WriteStartObject("https://aws.amazon.com/tags");
        json.WriteStartObject("principal_tags");
        WriteArray(json, "agentkeys_user_wallet", Wallet);
        WriteArray(json, "agentkeys_actor_omni", Actor);
        json.WriteEndObject();
        WriteArray(json, "transitive_tag_keys", "agentkeys_user_wallet", "agentkeys_actor_omni");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, params ReadOnlySpan<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
