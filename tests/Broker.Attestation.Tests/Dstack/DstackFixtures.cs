using System.Text.Json;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>Other people's attestations and what they say about them.</summary>
internal static class DstackFixtures
{
    public static byte[] Bytes(params string[] parts) => File.ReadAllBytes(Fixtures.File(["tdx", "dstack", .. parts]));

    public static byte[] KmsBytes(params string[] parts) => File.ReadAllBytes(Fixtures.File(["kms", .. parts]));

    public static JsonElement Json(params string[] parts) => JsonDocument.Parse(Bytes(parts)).RootElement;

    public static JsonElement KmsJson(params string[] parts) => JsonDocument.Parse(KmsBytes(parts)).RootElement;

    public static TdxAttestation Attestation(params string[] parts) => Decode(Bytes(parts));

    public static TdxAttestation Decode(byte[] bytes)
    {
        var decoded = VersionedAttestation.Decode(bytes);
        decoded.Error.ShouldBeNull();
        return decoded.Value.ShouldBeOfType<TdxAttestation>();
    }

    public static string Text(this JsonElement element, params string[] path)
        => path.Aggregate(element, (at, name) => at.GetProperty(name)).GetString()!;

    public static byte[] Hex(this JsonElement element, params string[] path)
        => Convert.FromHexString(element.Text(path));

    public static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
