using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Cryptography.Tests;

public class Ed25519Tests
{
    // RFC 8032 §7.1: TEST 1, 2, 3 and SHA(abc).
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589" +
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void Signs_and_verifies_the_vectors_of_RFC_8032(
        string seed, string publicKey, string message, string signature)
    {
        using var key = Ed25519SigningKey.FromSeed(Bytes.Of(seed));
        key.VerifyingKey.ToString().ShouldBe(publicKey);
        Bytes.Text(key.Sign(Bytes.Of(message))).ShouldBe(signature);
        var verifying = Ed25519VerifyingKey.FromBytes(Bytes.Of(publicKey));
        verifying.Verify(Bytes.Of(message), Bytes.Of(signature)).ShouldBeTrue();
    }

    [Fact]
    public void Verifies_what_it_signs_and_nothing_else() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), message =>
        {
            using var key = Ed25519SigningKey.Generate();
            using var other = Ed25519SigningKey.Generate();
            var signature = key.Sign(message);
            var right = key.VerifyingKey.Verify(message, signature)
                && !key.VerifyingKey.Verify([.. message, 0], signature)
                && !other.VerifyingKey.Verify(message, signature);
            signature[Random.Shared.Next(64)] ^= 1;
            return right && !key.VerifyingKey.Verify(message, signature);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_signature_of_another_length_is_none()
    {
        using var key = Ed25519SigningKey.Generate();
        key.VerifyingKey.Verify([1], key.Sign([1]).AsSpan(0, 63)).ShouldBeFalse();
        key.VerifyingKey.Verify([1], []).ShouldBeFalse();
    }

    // s + L in place of s: the same equation holds, and RFC 8032 §5.1.7 says to refuse it.
    [Fact]
    public void Refuses_the_malleable_twin()
    {
        var order = System.Numerics.BigInteger.Pow(2, 252)
            + System.Numerics.BigInteger.Parse(
                "27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        using var key = Ed25519SigningKey.Generate();
        var signature = key.Sign([1, 2, 3]);
        var s = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        s.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true).ShouldBeTrue();
        key.VerifyingKey.Verify([1, 2, 3], signature).ShouldBeFalse();
    }

    // RFC 8410 §10.1 and §10.3: one key in three files, the last of them with attributes and the public key.
    private const string Rfc8410PublicKey =
        """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----

        """;

    private const string Rfc8410PrivateKey =
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """;

    private const string Rfc8410PrivateKeyWithAttributes =
        """
        -----BEGIN PRIVATE KEY-----
        MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
        Z9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PRIVATE KEY-----
        """;

    [Fact]
    public void Reads_and_writes_the_files_of_RFC_8410()
    {
        using var key = Ed25519SigningKey.ImportFromPem(Rfc8410PrivateKey);
        key.ExportPkcs8PrivateKeyPem().ShouldBe(Rfc8410PrivateKey);
        key.VerifyingKey.ExportSubjectPublicKeyInfoPem().ShouldBe(Rfc8410PublicKey);
        Ed25519VerifyingKey.TryImportFromPem(Rfc8410PublicKey, out var verifying).ShouldBeTrue();
        verifying.ShouldBe(key.VerifyingKey);
        using var same = Ed25519SigningKey.ImportFromPem(Rfc8410PrivateKeyWithAttributes);
        same.VerifyingKey.ShouldBe(key.VerifyingKey);
    }

    [Fact]
    public void Says_what_is_wrong_with_a_key_file()
    {
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refusal("").ShouldContain("BEGIN PRIVATE KEY");
        Refusal(Rfc8410PublicKey).ShouldContain("BEGIN PRIVATE KEY");
        Refusal(p256.ExportPkcs8PrivateKeyPem()).ShouldContain("not an Ed25519 key");
        Refusal(PemEncoding.WriteString("PRIVATE KEY", [0x30, 0x00])).ShouldContain("PKCS#8");
        Refusal(PemEncoding.WriteString("PRIVATE KEY", [])).ShouldContain("PKCS#8");
        Refusal(Rfc8410PrivateKey + new string(' ', 5000)).ShouldContain("BEGIN PRIVATE KEY");

        Ed25519VerifyingKey.TryImportFromPem(p256.ExportSubjectPublicKeyInfoPem(), out _).ShouldBeFalse();
        Ed25519VerifyingKey.TryImportFromPem(Rfc8410PrivateKey, out _).ShouldBeFalse();

        static string Refusal(string pem) =>
            Should.Throw<CryptographicException>(() => Ed25519SigningKey.ImportFromPem(pem)).Message;
    }

    [Fact]
    public void A_disposed_key_neither_signs_nor_shows_itself()
    {
        var key = Ed25519SigningKey.Generate();
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.Sign([1]));
        Should.Throw<ObjectDisposedException>(() => key.ExportPkcs8PrivateKeyPem());
        Should.Throw<ObjectDisposedException>(() => key.ExportSeedTo(new byte[32]));
    }
}
