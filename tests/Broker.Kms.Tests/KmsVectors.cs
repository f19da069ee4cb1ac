using System.Security.Cryptography;
using System.Text.Json;
using Broker.Attestation.Apps;
using Broker.Kms.Keys;

namespace Broker.Kms.Tests;

/// <summary>The key set and the expected values of <c>fixtures/kms/synthetic/vectors.json</c>.</summary>
internal sealed record KmsVectors(JsonElement Root)
{
    public static KmsVectors Read() => new(JsonDocument.Parse(
        File.ReadAllText(Fixtures.File("kms", "synthetic", "vectors.json"))).RootElement);

    public IEnumerable<JsonElement> Apps => Root.GetProperty("apps").EnumerateArray();

    public RootKeys Keys => RootKeysFrom(Bytes(Root, "root_ca_scalar"), Bytes(Root, "k256_root_key"));

    public static RootKeys RootKeysFrom(byte[] caScalar, byte[] k256) =>
        new(P256PrivateKey.FromScalar(caScalar), P256PrivateKey.Generate(), RootKeys.ReadK256(k256));

    public static byte[] Bytes(JsonElement element, string name) =>
        Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static string Hex(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static AppId App(byte[] bytes) =>
        AppId.TryFrom(bytes, out var app) ? app : throw new CryptographicException("no app id");
}
