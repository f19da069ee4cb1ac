using System.Collections.Concurrent;
using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.Attestation.Verification;

/// <summary>
/// A key that checks many signatures: an issuer's. Making the framework's key object costs more than checking a
/// signature with it, and that object is not promised to be safe for threads, so each check borrows one and gives it
/// back. A point off the curve makes every signature invalid.
/// </summary>
/// <param name="point">x then y, 32 bytes each.</param>
internal sealed class P256PublicKey(ReadOnlyMemory<byte> point)
{
    private readonly ConcurrentBag<ECDsa> _idle = [];

    /// <summary>A signature written as a DER <c>ECDSA-Sig-Value</c>, in its one encoding.</summary>
    public bool VerifyDer(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        => EcdsaSignatureDer.TryReadPair(signature, out var pair) && VerifyRaw(signed, pair);

    /// <summary>A signature written as r then s.</summary>
    public bool VerifyRaw(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (!_idle.TryTake(out var key) && (key = EcdsaP256.TryOpen(point.Span)) is null) return false;
        var valid = EcdsaP256.Verify(key, signed, signature);
        _idle.Add(key);
        return valid;
    }
}
