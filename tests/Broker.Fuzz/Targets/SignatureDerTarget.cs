using System.Formats.Asn1;
using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.Fuzz.Targets;

/// <summary>ECDSA signatures in DER: what is accepted is the one encoding of its two numbers.</summary>
internal sealed class SignatureDerTarget : IFuzzTarget
{
    public string Name => "ecdsa-der";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (byte n = 0; n < 8; n++)
            yield return key.SignData([n], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        yield return [0x30, 6, 2, 1, 0, 2, 1, 0x7f];
    }

    public void Execute(byte[] input)
    {
        if (!EcdsaSignatureDer.TryReadPair(input, out var pair)) return;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(Shortest(pair.AsSpan(0, 32)));
            writer.WriteIntegerUnsigned(Shortest(pair.AsSpan(32)));
        }

        if (!writer.EncodedValueEquals(input)) throw new FuzzFindingException("took an encoding that is not DER");
    }

    public long AllocationBound(int inputLength) => (16 * 1024) + (16L * inputLength);

    private static ReadOnlySpan<byte> Shortest(ReadOnlySpan<byte> number)
    {
        var rest = number.TrimStart((byte)0);
        return rest.IsEmpty ? number[^1..] : rest;
    }
}
