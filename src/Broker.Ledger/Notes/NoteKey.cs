using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;
using Broker.Foundation;

namespace Broker.Ledger.Notes;

/// <summary>
/// A key that verifies notes (C2SP signed-note), in its text form a <em>vkey</em>:
/// <c>&lt;name&gt;+&lt;key id, 8 hex digits&gt;+&lt;base64(type byte ‖ public key)&gt;</c>, for example
/// <c>example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k</c>. The public key has the 32 bytes of
/// Ed25519 or the 1312 of ML-DSA-44.
/// </summary>
public sealed class NoteKey
{
    /// <exception cref="ArgumentException">
    /// The name cannot stand in a signature line, or the key is of another algorithm than the type.
    /// </exception>
    public NoteKey(string name, NoteKeyType type, IVerifyingKey key)
    {
        if (!IsName(name) || !CanName(name, type))
            throw new ArgumentException($"not a key name: \"{name}\"", nameof(name));
        if (key.Bytes.Length != SizeOf(type))
            throw new ArgumentException($"not a key for signatures of type {(int)type}", nameof(key));
        Name = name;
        Type = type;
        Key = key;
        Id = ComputeId(name, type, key.Bytes);
    }

    /// <summary>Whose key it is; a log's key bears the log's origin.</summary>
    public string Name { get; }

    public NoteKeyType Type { get; }

    /// <summary>Ed25519, or ML-DSA-44, as the type says.</summary>
    public IVerifyingKey Key { get; }

    /// <summary>First four bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ type ‖ public key).</summary>
    public uint Id { get; }

    /// <summary>Name and id as they stand in front of the vkey: short, and enough to find the key again.</summary>
    public string Label => $"{Name}+{Id:x8}";

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
    /// Reads a vkey; refuses one whose key id is not that of its own name and key. Of the signature types only those
    /// of <see cref="NoteKeyType"/> are read: signed-note advises to support no more than one needs.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteKey? key)
    {
        key = null;
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0])) return false;
        if (parts[2].Length > Base64Length(1 + MLDsa44VerifyingKey.SizeInBytes)) return false;
        if (!Base64Text.TryRead(parts[2], out var material) || material.Length == 0) return false;
        var type = (NoteKeyType)material[0];
        if (material.Length != 1 + SizeOf(type) || !CanName(parts[0], type)) return false;
        var parsed = new NoteKey(parts[0], type, Read(type, material.AsSpan(1)));
        if (parsed.ToString() != text) return false;
        key = parsed;
        return true;
    }

    /// <summary>True when both hold the same public key, whatever their names, ids and types.</summary>
    public bool HasKeyOf(NoteKey other) => Key.Bytes.SequenceEqual(other.Key.Bytes);

    /// <summary>The vkey.</summary>
    public override string ToString() => $"{Label}+{Convert.ToBase64String([(byte)Type, .. Key.Bytes])}";

    private static IVerifyingKey Read(NoteKeyType type, ReadOnlySpan<byte> key) => type switch
    {
        NoteKeyType.MLDsa44Cosignature => MLDsa44VerifyingKey.FromBytes(key),
        _ => Ed25519VerifyingKey.FromBytes(key),
    };

    // Negative for a type that is not supported: no key has that size.
    private static int SizeOf(NoteKeyType type) => type switch
    {
        NoteKeyType.Ed25519 or NoteKeyType.CosignatureV1 => Ed25519VerifyingKey.SizeInBytes,
        NoteKeyType.MLDsa44Cosignature => MLDsa44VerifyingKey.SizeInBytes,
        _ => int.MinValue,
    };

    // An ML-DSA-44 cosignature signs its cosigner's name too, and there is no message with a longer one.
    private static bool CanName(string name, NoteKeyType type) =>
        type != NoteKeyType.MLDsa44Cosignature || Encoding.UTF8.GetByteCount(name) <= CosignedMessage.MaxName;

    private static int Base64Length(int bytes) => (bytes + 2) / 3 * 4;

    private static uint ComputeId(string name, NoteKeyType type, ReadOnlySpan<byte> publicKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData([(byte)'\n', (byte)type]);
        hash.AppendData(publicKey);
        return BinaryPrimitives.ReadUInt32BigEndian(hash.GetHashAndReset());
    }
}
