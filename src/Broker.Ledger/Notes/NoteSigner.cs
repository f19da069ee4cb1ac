using System.Buffers.Binary;
using System.Text;
using Broker.Cryptography;

namespace Broker.Ledger.Notes;

/// <summary>
/// Signs notes with Ed25519 (C2SP signed-note, signature type 0x01). The key belongs to whoever made the signer.
/// </summary>
public sealed class NoteSigner(string name, Ed25519SigningKey key)
{
    /// <summary>What verifies the signatures.</summary>
    public NoteKey VerifierKey { get; } = new(name, NoteKeyType.Ed25519, key.VerifyingKey);

    /// <summary>The signed note: the text, an empty line, one signature line. The text ends in a newline.</summary>
    public string Sign(string text) => $"{text}\n{SignatureLine(text)}";

    /// <summary>The signature line alone, with its newline.</summary>
    public string SignatureLine(string text)
    {
        if (!text.EndsWith('\n')) throw new ArgumentException("a note text ends in a newline", nameof(text));
        if (!NoteText.IsAllowed(text))
            throw new ArgumentException("a note text has no control characters but newline", nameof(text));
        Span<byte> signed = stackalloc byte[4 + Ed25519SigningKey.SignatureSize];
        BinaryPrimitives.WriteUInt32BigEndian(signed, VerifierKey.Id);
        key.Sign(Encoding.UTF8.GetBytes(text), signed[4..]);
        return $"\u2014 {VerifierKey.Name} {Convert.ToBase64String(signed)}\n";
    }
}
