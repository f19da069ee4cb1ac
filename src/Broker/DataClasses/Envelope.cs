using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broker.Capabilities;

namespace Broker.DataClasses;

/// <summary>
/// The envelope of stored data, version 2 (contract §11.5): <c>0x02 ‖ nonce (12) ‖ ciphertext ‖ tag (16)</c>,
/// AES-256-GCM with a nonce of its own. The additional data are the SHA-256 of the operator's omni, the actor's (64
/// lower-case hex digits each, as text), the service in lower case and the key epoch (8 bytes, big-endian), one after
/// the other: the first two have a fixed length, and the epoch is at the end, so that no two subjects share one.
/// </summary>
internal static class Envelope
{
    public const int KeySize = 32;
    public const int NonceSize = 12;

    /// <summary>What an envelope has more than its plaintext.</summary>
    public const int Overhead = 1 + NonceSize + TagSize;

    private const byte Version = 2;
    private const int TagSize = 16;

    public static byte[] Seal(DataKey key, CapabilitySubject subject, long epoch, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        RandomNumberGenerator.Fill(nonce);
        return Seal(key, subject, epoch, plaintext, nonce);
    }

    /// <param name="nonce">12 bytes that this key has not sealed with before.</param>
    internal static byte[] Seal(
        DataKey key, CapabilitySubject subject, long epoch, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> nonce)
    {
        var envelope = new byte[Overhead + plaintext.Length];
        envelope[0] = Version;
        nonce.CopyTo(envelope.AsSpan(1));
        using var aes = new AesGcm(key.Bytes, TagSize);
        aes.Encrypt(
            nonce, plaintext, envelope.AsSpan(1 + NonceSize, plaintext.Length), envelope.AsSpan(^TagSize..),
            AdditionalData(subject, epoch));
        return envelope;
    }

    /// <summary>
    /// The plaintext; null where it is no such envelope, was changed, or was sealed for another subject, epoch or key.
    /// </summary>
    public static byte[]? Open(DataKey key, CapabilitySubject subject, long epoch, ReadOnlySpan<byte> envelope)
    {
        if (envelope.Length < Overhead || envelope[0] != Version) return null;
        var plaintext = new byte[envelope.Length - Overhead];
        using var aes = new AesGcm(key.Bytes, TagSize);
        try
        {
            aes.Decrypt(
                envelope.Slice(1, NonceSize), envelope[(1 + NonceSize)..^TagSize], envelope[^TagSize..], plaintext,
                AdditionalData(subject, epoch));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] AdditionalData(CapabilitySubject subject, long epoch)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, epoch);
        return SHA256.HashData(
            [.. Encoding.ASCII.GetBytes($"{subject.Operator}{subject.Actor}{subject.Service}"), .. counter]);
    }
}
