using System.Security.Cryptography;

namespace Broker.Cli.Kms;

/// <summary>One share of a secret.</summary>
/// <param name="Index">1 to 255: where the polynomials were evaluated.</param>
/// <param name="Value">As long as the secret.</param>
internal sealed record SecretShare(byte Index, byte[] Value);

/// <summary>
/// Shamir's secret sharing over GF(2⁸) with the polynomial of AES (x⁸+x⁴+x³+x+1), byte by byte: any <c>threshold</c>
/// shares give the secret, fewer say nothing about it. Shares do not vouch for themselves; what they open is
/// authenticated.
/// </summary>
internal static class SecretShares
{
    public static IReadOnlyList<SecretShare> Split(ReadOnlySpan<byte> secret, int count, int threshold)
    {
        if (threshold < 2 || count < threshold || count > 255)
            throw new ArgumentOutOfRangeException(nameof(threshold), "2 <= threshold <= count <= 255");

        var values = new byte[count][];
        for (var i = 0; i < count; i++) values[i] = new byte[secret.Length];

        Span<byte> coefficients = stackalloc byte[threshold];
        for (var position = 0; position < secret.Length; position++)
        {
            RandomNumberGenerator.Fill(coefficients);
            coefficients[0] = secret[position];
            for (var i = 0; i < count; i++) values[i][position] = Evaluate(coefficients, (byte)(i + 1));
        }

        CryptographicOperations.ZeroMemory(coefficients);
        return [.. values.Select((value, i) => new SecretShare((byte)(i + 1), value))];
    }

    /// <summary>The secret, if the shares are enough and of one set; other bytes otherwise.</summary>
    /// <exception cref="ArgumentException">Two shares have one index, or they differ in length.</exception>
    public static byte[] Join(IReadOnlyList<SecretShare> shares)
    {
        if (shares.Select(share => share.Index).Distinct().Count() != shares.Count)
            throw new ArgumentException("a share is there twice", nameof(shares));
        if (shares.Select(share => share.Value.Length).Distinct().Count() != 1)
            throw new ArgumentException("the shares differ in length", nameof(shares));

        var secret = new byte[shares[0].Value.Length];
        foreach (var share in shares)
        {
            var weight = WeightAtZero(share.Index, shares);
            for (var position = 0; position < secret.Length; position++)
                secret[position] ^= Multiply(share.Value[position], weight);
        }

        return secret;
    }

    /// <summary>Lagrange's basis polynomial of one share at zero, where subtraction is exclusive or.</summary>
    private static byte WeightAtZero(byte index, IReadOnlyList<SecretShare> shares)
    {
        byte weight = 1;
        foreach (var other in shares)
        {
            if (other.Index != index)
                weight = Multiply(weight, Multiply(other.Index, Invert((byte)(other.Index ^ index))));
        }

        return weight;
    }

    private static byte Evaluate(ReadOnlySpan<byte> coefficients, byte x)
    {
        byte result = 0;
        for (var i = coefficients.Length - 1; i >= 0; i--) result = (byte)(Multiply(result, x) ^ coefficients[i]);
        return result;
    }

    /// <summary>Without branches on the operands, since one of them is secret.</summary>
    private static byte Multiply(byte left, byte right)
    {
        int product = 0, shifted = left;
        for (var bit = 0; bit < 8; bit++)
        {
            product ^= shifted & -((right >> bit) & 1);
            shifted = (shifted << 1) ^ (0x11b & -((shifted >> 7) & 1));
        }

        return (byte)product;
    }

    /// <summary>x²⁵⁴, the inverse of x ≠ 0.</summary>
    private static byte Invert(byte x)
    {
        byte result = 1;
        for (var i = 0; i < 254; i++) result = Multiply(result, x);
        return result;
    }
}
