using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Broker.Foundation;

namespace Broker.SigningKeys;

/// <summary>
/// Writes compact JWS (RFC 7515 §3.1): <c>header.payload.signature</c>, the header fixed per key and type,
/// so that one pass over one buffer makes a token.
/// </summary>
internal sealed class JwsWriter
{
    /// <summary>That of an RSA key of 4096 bits.</summary>
    private const int LongestSignature = 512;

    private readonly SigningKey _key;
    private readonly byte[] _header;

    /// <param name="type">The header's <c>typ</c>: tokens of different kinds never pass for each other (RFC 8725
    /// §3.11).</param>
    public JwsWriter(SigningKey key, string type)
    {
        _key = key;
        var header = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(header, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("alg"u8, key.Algorithm);
            json.WriteString("typ"u8, type);
            json.WriteString("kid"u8, key.KeyId);
            json.WriteEndObject();
        }

        _header = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(header.WrittenSpan) + ".");
    }

    /// <summary>The key that signs.</summary>
    public SigningKey Key => _key;

    /// <summary>The signed token over <paramref name="payload"/>, a JSON object in UTF-8.</summary>
    public string Write(ReadOnlySpan<byte> payload) => Encoding.ASCII.GetString(WriteAscii(payload));

    /// <summary>The same as ASCII, in an array of its own.</summary>
    public byte[] WriteAscii(ReadOnlySpan<byte> payload)
    {
        var signed = _header.Length + Base64Url.GetEncodedLength(payload.Length);
        var total = signed + 1 + Base64Url.GetEncodedLength(_key.SignatureLength);
        var token = new byte[total];
        _header.CopyTo(token, 0);
        Base64Url.EncodeToUtf8(payload, token.AsSpan(_header.Length));
        Span<byte> signature = stackalloc byte[LongestSignature];
        signature = signature[.._key.SignatureLength];
        _key.Sign(token.AsSpan(0, signed), signature);
        token[signed] = (byte)'.';
        Base64Url.EncodeToUtf8(signature, token.AsSpan(signed + 1));
        return token;
    }
}
