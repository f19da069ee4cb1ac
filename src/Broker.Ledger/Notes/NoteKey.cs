using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;

namespace Broker.Ledger.Notes;

/// <summary>
/// A key that verifies notes (C2SP signed-note), in its text form a <em>vkey</em>:
/// <c>&lt;name&gt;+&lt;key id, 8 hex digits&gt;+&lt;base64(type byte ‖ 32-byte public key)&gt;</c>, for example
/// <c>example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k</c>.
/// </summary>
public sealed class NoteKey
{
    public NoteKey(string name, NoteKeyType type, Ed25519VerifyingKey key)
    {
        if (!IsName(name)) throw new ArgumentException($"not a key name: \"{name}\"", nameof(name));
        Name = name;
        Type = type;
        Key = key;
        Id = ComputeId(name, type, key.Bytes);
    }

    /// <summary>Whose key it is; a log's key bears the log's origin.</summary>
    public string Name { get; }

    public NoteKeyType Type { get; }

    public Ed25519VerifyingKey Key { get; }

    /// <summary>First four bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ type ‖ public key).</summary>
    public uint Id { get; }

    /// <summary>
    /// True when the name can stand in a signature line: not empty, no Unicode space, no plus, no ASCII control
    /// character. No more than that: a note must not become unreadable by the name of a key that nobody here knows.
    /// </summary>
    public static bool IsName(string name)
    {
        if (name.Length == 0 || !NoteText.IsUnicode(name)) return false;
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.Value is < ' ' or '+' || Rune.IsWhiteSpace(rune)) return false;
        }

        return true;
    }

    /// <summary>
    /// Reads a vkey; refuses one whose key id is not that of its own name and key. Of the signature types only the two
    /// of <see cref="NoteKeyType"/> are read: signed-note advises to support no more than one needs.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteKey? key)
    {
        key = null;
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0])) return false;
        Span<byte> material = stackalloc byte[64];
        if (parts[2].Length > 64 || !Convert.TryFromBase64String(parts[2], material, out var length)) return false;
        if (length != 1 + Ed25519VerifyingKey.SizeInBytes) return false;
        var type = (NoteKeyType)material[0];
        if (type is not (NoteKeyType.Ed25519 or NoteKeyType.CosignatureV1)) return false;
        var parsed = new NoteKey(parts[0], type, Ed25519VerifyingKey.FromBytes(material[1..length]));
        if (parsed.ToString() != text) return false;
        key = parsed;
        return true;
    }

    /// <summary>The vkey.</summary>
    public override string ToString()
    {
        Span<byte> material = stackalloc byte[1 + Ed25519VerifyingKey.SizeInBytes];
        material[0] = (byte)Type;
        Key.Bytes.CopyTo(material[1..]);
        return $"{Name}+{Id:x8}+{Convert.ToBase64String(material)}";
    }

    private static uint ComputeId(string name, NoteKeyType type, ReadOnlySpan<byte> publicKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData([(byte)'\n', (byte)type]);
        hash.AppendData(publicKey);
        return BinaryPrimitives.ReadUInt32BigEndian(hash.GetHashAndReset());
    }
}
