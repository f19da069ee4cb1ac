using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Attestation.Verification;

/// <summary>PEM certificates one after another, as quotes and collateral carry chains.</summary>
internal static class PemChain
{
    /// <summary>
    /// No chain of the hierarchy has more than three; reading stops where no rule could accept it any more.
    /// </summary>
    private const int Most = 8;

    /// <summary>
    /// The DER of each CERTIFICATE block in order. What stands between the blocks is passed over, as PEM allows.
    /// </summary>
    public static ImmutableArray<ReadOnlyMemory<byte>> Read(ReadOnlySpan<byte> text)
    {
        var found = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(3);
        while (found.Count < Most && PemEncoding.TryFindUtf8(text, out var fields))
        {
            if (text[fields.Label].SequenceEqual("CERTIFICATE"u8))
            {
                var der = new byte[fields.DecodedDataLength];
                var status = Base64.DecodeFromUtf8(text[fields.Base64Data], der, out _, out var written);
                if (status != OperationStatus.Done) return [];
                found.Add(der.AsMemory(0, written));
            }

            text = text[fields.Location.End..];
        }

        return found.ToImmutable();
    }

    public static ImmutableArray<ReadOnlyMemory<byte>> Read(string text) => Read(Encoding.UTF8.GetBytes(text));
}
