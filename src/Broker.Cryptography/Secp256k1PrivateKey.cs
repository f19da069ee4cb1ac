using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Broker.Cryptography.Native;

namespace Broker.Cryptography;

/// <summary>
/// A secret scalar on secp256k1. The bytes stay in one pinned place, so that <see cref="Dispose"/> wipes the only copy.
/// Safe to use from many threads; not during or after <see cref="Dispose"/>.
/// </summary>
public sealed class Secp256k1PrivateKey : IDisposable
{
    private readonly byte[] _scalar = GC.AllocateArray<byte>(Secp256k1.PrivateKeySize, pinned: true);
    private bool _disposed;

    private unsafe Secp256k1PrivateKey(ReadOnlySpan<byte> scalar)
    {
        scalar.CopyTo(_scalar);
        var native = stackalloc byte[LibSecp256k1.KeySize];
        fixed (byte* secret = _scalar)
        {
            // Always 1 for a scalar in range, and only those come here.
            _ = LibSecp256k1.CreatePublicKey(LibSecp256k1.Context, native, secret);
        }

        PublicKey = Secp256k1PublicKey.FromNative(native);
    }

    public Secp256k1PublicKey PublicKey { get; }

    /// <summary>A fresh key from the system's random generator.</summary>
    public static Secp256k1PrivateKey Generate()
    {
        Span<byte> candidate = stackalloc byte[Secp256k1.PrivateKeySize];
        try
        {
            while (true)
            {
                // Out of range once in 2^128 draws; then another is drawn rather than reduced, which would bias it.
                RandomNumberGenerator.Fill(candidate);
                if (TryFromBytes(candidate, out var key)) return key;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(candidate);
        }
    }

    /// <summary>Takes 32 big-endian bytes; false when they are zero, not below the group order, or not 32.</summary>
    public static unsafe bool TryFromBytes(ReadOnlySpan<byte> scalar, [NotNullWhen(true)] out Secp256k1PrivateKey? key)
    {
        key = null;
        if (scalar.Length != Secp256k1.PrivateKeySize) return false;
        fixed (byte* secret = scalar)
        {
            if (LibSecp256k1.VerifySecretKey(LibSecp256k1.Context, secret) != 1) return false;
        }

        key = new Secp256k1PrivateKey(scalar);
        return true;
    }

    /// <summary>
    /// Signs a 32-byte digest: writes <c>r ‖ s ‖ v</c>, s in the lower half, v = 0 or 1 (add 27 for wallets). The nonce
    /// is that of RFC 6979 with HMAC-SHA256, so the same digest gives the same 65 bytes.
    /// </summary>
    public unsafe void SignRecoverable(ReadOnlySpan<byte> hash, Span<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (hash.Length != Secp256k1.HashSize) throw new ArgumentException("a digest of 32 bytes", nameof(hash));
        if (signature.Length < Secp256k1.SignatureSize) throw new ArgumentException("65 bytes", nameof(signature));

        var context = LibSecp256k1.Context;
        var native = stackalloc byte[LibSecp256k1.RecoverableSize];
        int recoveryId;
        fixed (byte* digest = hash, secret = _scalar, compact = signature)
        {
            if (LibSecp256k1.SignRecoverable(context, native, digest, secret, 0, 0) != 1)
            {
                throw new CryptographicException("libsecp256k1 did not sign");
            }

            _ = LibSecp256k1.SerializeRecoverable(context, compact, &recoveryId, native);
        }

        signature[64] = (byte)recoveryId;
    }

    /// <summary>
    /// The signature of <see cref="SignRecoverable(ReadOnlySpan{byte}, Span{byte})"/> in an array of its own.
    /// </summary>
    public byte[] SignRecoverable(ReadOnlySpan<byte> hash)
    {
        var signature = new byte[Secp256k1.SignatureSize];
        SignRecoverable(hash, signature);
        return signature;
    }

    /// <summary>Writes the 32 secret bytes, for the few places that store or release the key itself.</summary>
    public void ExportTo(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _scalar.CopyTo(destination);
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_scalar);
    }
}
