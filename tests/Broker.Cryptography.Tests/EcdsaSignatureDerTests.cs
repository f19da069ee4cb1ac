using System.Security.Cryptography;

namespace Broker.Cryptography.Tests;

/// <summary>One signature, one encoding (RFC 3279 §2.2.3, X.690 §8.3 and §10.1).</summary>
public class EcdsaSignatureDerTests
{
    [Theory]
    [InlineData("3006020101020102", 1, 2)]
    [InlineData("3006020100020100", 0, 0)]
    [InlineData("300702020080020101", 128, 1)]
    [InlineData("300702017f02020100", 127, 256)]
    public void Reads_the_one_encoding(string der, int r, int s)
    {
        EcdsaSignatureDer.TryReadPair(Convert.FromHexString(der), out var pair).ShouldBeTrue();

        pair.Length.ShouldBe(64);
        new System.Numerics.BigInteger(pair.AsSpan(0, 32), isUnsigned: true, isBigEndian: true).ShouldBe(r);
        new System.Numerics.BigInteger(pair.AsSpan(32), isUnsigned: true, isBigEndian: true).ShouldBe(s);
    }

    // The kinds of Wycheproof's ecdsa_secp256r1_sha256 test: missing zero, BER, trailing garbage, wrong tags.
    [Theory]
    [InlineData("3006020101020182", "a negative s")]
    [InlineData("3006020181020102", "a negative r")]
    [InlineData("300702020001020102", "a zero in front that nothing needs")]
    [InlineData("30070201010202007f", "a zero in front of s that nothing needs")]
    [InlineData("308106020101020102", "a length in long form")]
    [InlineData("30070281010102010200", "a length in long form within")]
    [InlineData("3080020101020102" + "0000", "an indefinite length")]
    [InlineData("300602010102010200", "a byte behind the end")]
    [InlineData("300702010102010200", "a byte behind the numbers")]
    [InlineData("3009020101020102020103", "three numbers")]
    [InlineData("3003020101", "one number")]
    [InlineData("30050201010200", "an empty number")]
    [InlineData("3006020101020202", "a number that reaches beyond the end")]
    [InlineData("3106020101020102", "a set")]
    [InlineData("3006020101030102", "a bit string")]
    [InlineData("30", "a tag alone")]
    [InlineData("", "nothing")]
    public void Refuses_every_other(string der, string what) =>
        EcdsaSignatureDer.TryReadPair(Convert.FromHexString(der), out _).ShouldBeFalse(what);

    [Fact]
    public void Refuses_a_number_of_33_bytes()
    {
        byte[] der = [0x30, 38, 0x02, 33, 0x01, .. new byte[32], 0x02, 0x01, 0x01];

        EcdsaSignatureDer.TryReadPair(der, out _).ShouldBeFalse();
    }

    [Fact]
    public void Reads_what_the_framework_writes()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (var n = 0; n < 300; n++)
        {
            var der = key.SignData([(byte)n], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

            EcdsaSignatureDer.TryReadPair(der, out var pair).ShouldBeTrue();

            Es256.Verify(key, [(byte)n], pair).ShouldBeTrue();
        }
    }
}
