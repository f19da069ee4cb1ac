using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.Identity;

/// <summary>
/// An EIP-191 signature as wallets send it: r‖s‖v, 65 bytes as 130 hex digits with or without <c>0x</c>; v is 0, 1, 27
/// or 28, and s is in the lower half of the order (EIP-2), so that a signature has no twin.
/// </summary>
internal sealed class WalletSignature
{
    private const int Digits = 2 * Secp256k1.SignatureSize;

    private readonly byte[] _bytes;

    private WalletSignature(byte[] bytes) => _bytes = bytes;

    public static Result<WalletSignature> Parse(string text)
    {
        var digits = text.AsSpan(text.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0);
        var bytes = new byte[Secp256k1.SignatureSize];
        if (digits.Length != Digits
            || Convert.FromHexString(digits, bytes, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != bytes.Length)
        {
            return new Refusal(HttpRefusals.InvalidField, $"signature must be 0x and {Digits} hex digits");
        }

        // The form is judged against any digest: what is malformed is malformed for every message.
        var outcome = Secp256k1.RecoverPublicKey(new byte[Secp256k1.HashSize], bytes, out _);
        return outcome.IsMalformed()
            ? new Refusal(HttpRefusals.InvalidField, $"signature: {outcome.Describe()}")
            : new WalletSignature(bytes);
    }

    /// <summary>The address that signed the text's UTF-8 bytes, or null when no key could have.</summary>
    public EthereumAddress? SignerOf(ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[Secp256k1.HashSize];
        PersonalMessage.Hash(message, digest);
        return Secp256k1.RecoverAddress(digest, _bytes, out var address) == RecoveryOutcome.Recovered ? address : null;
    }
}
