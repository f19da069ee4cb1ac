using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cryptography;

namespace Broker.Tests.Hosting;

/// <summary>
/// A compact JWS taken apart, and put together with any key: the relying party's and the forger's side.
/// </summary>
internal sealed class Jws
{
    private readonly string[] _parts;

    private Jws(string text)
    {
        _parts = text.Split('.');
        _parts.Length.ShouldBe(3, text);
        Header = Read(_parts[0]);
        Claims = Read(_parts[1]);
    }

    public JsonElement Header { get; }

    public JsonElement Claims { get; }

    public string? this[string claim] => Claims.TryGetProperty(claim, out var value) ? value.ToString() : null;

    public static Jws Read(Answer answer, string member) => new(answer.ShouldBeOk()[member]!);

    public static Jws Parse(string text) => new(text);

    /// <summary>ES256 by RFC 7518 §3.4 with the key of the set that has the header's kid.</summary>
    public bool VerifiesWith(JsonElement keySet)
    {
        var key = keySet.GetProperty("keys").EnumerateArray()
            .Single(one => one.GetProperty("kid").GetString() == Header.GetProperty("kid").GetString());
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") },
        });
        return ecdsa.VerifyData(
            Encoding.ASCII.GetBytes($"{_parts[0]}.{_parts[1]}"), Base64Url.DecodeFromChars(_parts[2]),
            HashAlgorithmName.SHA256);
    }

    /// <summary>
    /// A token over exactly these texts, signed with ES256 by <paramref name="key"/>, s in the lower half.
    /// </summary>
    public static string Sign(string header, string payload, ECDsa key)
    {
        var signed = $"{Encode(header)}.{Encode(payload)}";
        var signature = new byte[Es256.SignatureSize];
        Es256.Sign(key, Encoding.ASCII.GetBytes(signed), signature);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static string Decode(string part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));

    /// <summary>The private key of a key file.</summary>
    public static ECDsa KeyOf(string keyFile)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(keyFile));
        var key = ECDsa.Create();
        key.ImportFromPem(document.RootElement.GetProperty("private_key_pem").GetString());
        return key;
    }

    private static JsonElement Read(string part) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement.Clone();

    private static byte[] Bytes(JsonElement key, string name) =>
        Base64Url.DecodeFromChars(key.GetProperty(name).GetString());
}
