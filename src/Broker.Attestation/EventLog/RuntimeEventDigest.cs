using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Attestation.EventLog;

/// <summary>
/// The digests of runtime events (kms-protocol §6.2).
/// <list type="bullet">
/// <item>V1: SHA-384( LE32(0x08000001) ‖ ":" ‖ name ‖ ":" ‖ payload )</item>
/// <item>V2: SHA-384( {"name":…,"payload":"lower-case hex","type":134217729} ), canonical as in RFC 8785</item>
/// </list>
/// </summary>
public static class RuntimeEventDigest
{
    public const int Length = SHA384.HashSizeInBytes;

    public static byte[] Compute(string name, ReadOnlySpan<byte> payload, EventDigestVersion version)
        => SHA384.HashData(version == EventDigestVersion.V2
            ? Encoding.UTF8.GetBytes(CanonicalJson(name, payload))
            : Preimage(name, payload));

    /// <summary>What a V1 digest is made of.</summary>
    public static byte[] Preimage(string name, ReadOnlySpan<byte> payload)
    {
        var nameLength = Encoding.UTF8.GetByteCount(name);
        var preimage = new byte[4 + 1 + nameLength + 1 + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(preimage, RuntimeEvent.EventType);
        preimage[4] = (byte)':';
        Encoding.UTF8.GetBytes(name, preimage.AsSpan(5));
        preimage[5 + nameLength] = (byte)':';
        payload.CopyTo(preimage.AsSpan(6 + nameLength));
        return preimage;
    }

    /// <summary>
    /// What a V2 digest is made of. Keys stand sorted; escapes are only those that RFC 8785 §3.2.2.2 asks for.
    /// </summary>
    public static string CanonicalJson(string name, ReadOnlySpan<byte> payload)
    {
        var json = new StringBuilder("{\"name\":\"", 64 + name.Length + (2 * payload.Length));
        foreach (var character in name) AppendEscaped(json, character);
        return json.Append("\",\"payload\":\"").Append(Convert.ToHexStringLower(payload))
            .Append(CultureInfo.InvariantCulture, $"\",\"type\":{RuntimeEvent.EventType}}}").ToString();
    }

    private static void AppendEscaped(StringBuilder json, char character)
    {
        _ = character switch
        {
            '"' => json.Append("\\\""),
            '\\' => json.Append("\\\\"),
            '\b' => json.Append("\\b"),
            '\t' => json.Append("\\t"),
            '\n' => json.Append("\\n"),
            '\f' => json.Append("\\f"),
            '\r' => json.Append("\\r"),
            < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
            _ => json.Append(character),
        };
    }
}
