using System.Security.Cryptography;
using Broker.Attestation.Apps;
using Broker.Cryptography;
using Broker.Kms.Keys;

namespace Broker.Kms.Tests.Keys;

public sealed class KeyDerivationTests
{
    /// <summary>The vector of the reference implementation's key derivation (kms-protocol §11.1).</summary>
    private static readonly byte[] ReferenceScalar =
        Convert.FromHexString("f57527cea4ab7ffb49af99b158cdc0e3ec06398f528349ea236b7d2afe19cec1");

    private const string ReferenceSpki =
        "3059301306072a8648ce3d020106082a8648ce3d0301070342000491f50522407ce29dce3ed7d31a15d80c1c42f13a23552d2b33a0ce09"
        + "ee11e47bce95936f3e7f80d195f879e28e1b144ef37ac9ab8e36a690cbf930b775897b27";

    [Fact]
    public void Derives_the_secret_of_the_reference_vector()
    {
        var parent = P256PrivateKey.FromScalar(ReferenceScalar);

        Convert.ToHexStringLower(parent.SubjectPublicKeyInfo).ShouldBe(ReferenceSpki);
        Convert.ToHexStringLower(RatlsKdf.DeriveSecret(parent, "context one"u8.ToArray(), "context two"u8.ToArray()))
            .ShouldBe("663afd58820be8ad645f9c035e93199d114ab16f738db62393bc1d7d623e8813");
    }

    [Fact]
    public void Contexts_are_joined_without_separators()
    {
        var parent = P256PrivateKey.FromScalar(ReferenceScalar);

        RatlsKdf.DeriveSecret(parent, "ab"u8.ToArray(), "c"u8.ToArray())
            .ShouldBe(RatlsKdf.DeriveSecret(parent, "a"u8.ToArray(), "bc"u8.ToArray()));
    }

    [Fact]
    public void Derives_the_app_keys_of_the_published_table()
    {
        var roots = KmsVectors.RootKeysFrom(ReferenceScalar, Repeat(0x01, 32));
        var app = KmsVectors.App(Repeat(0x11, 20));

        Hex(roots.K256PublicKey).ShouldBe("031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f");
        Hex(AppKeyDerivation.DiskCryptKey(roots, app, new InstanceId(Repeat(0x33, 20))))
            .ShouldBe("1fef665a1667042d9d3e16305ac19dff2082d4fa6b0d27505bb9e6b7379bb58d");
        Hex(AppKeyDerivation.DiskCryptKey(roots, app, default))
            .ShouldBe("14de7a7fd8bddf8e641a55ca97f043cac4344d175419f743940840f3a348f049");
        Hex(AppKeyDerivation.EnvCryptKey(roots, app))
            .ShouldBe("a7470db8cfdd0fe24134b461d60766afa7c078abe6dce9f2c8a5c44034ca400e");
        Hex(AppKeyDerivation.EnvPublicKey(roots, app))
            .ShouldBe("93cf259f68b24775d54290a8ea57cf93efc994d3ff28a7b8ba7a39e9f512302f");
        Hex(AppKeyDerivation.CaKey(roots, app).Scalar.ToArray())
            .ShouldBe("5b779e0a9fe80b2e5866d94958daa1a4e29a183228b3f37acd7eae153e18a75f");
        Hex(AppKeyDerivation.K256Key(roots, app))
            .ShouldBe("88fa429170ad091e0f87b335ba19b1729610ac25441728807ce3325161846baf");
    }

    [Fact]
    public void Signs_as_the_published_table_says()
    {
        var roots = KmsVectors.RootKeysFrom(ReferenceScalar, Repeat(0x01, 32));
        var app = KmsVectors.App(Repeat(0x11, 20));
        var appKey = Convert.FromHexString("02a594d1e64985d03463fc26e666eaf6a82b6c75834ca8c25810b25069b401ebc3");
        var envKey = AppKeyDerivation.EnvPublicKey(roots, app);

        Hex(KmsSignature.OverAppKey(roots, app, appKey)).ShouldBe(
            "9ec2e6deec77b3584de4c6406034b39a4e4a04643cbf56655247774c1a15f03e"
            + "73970201967d270928b41fec3cfdbb7538adc5d4fbd328c10c6927621024f00800");
        Hex(KmsSignature.OverEnvKey(roots, app, envKey)).ShouldBe(
            "379d578bd258c13f31a3dabd5ab9ce3cafbeed5f3d2f73d57aa5ae45e2a0bb1a"
            + "335e80e2b0db9b2e9a88ee451cb64c82c1204b3787868d571fc3d092cec9f53501");
        Hex(KmsSignature.OverEnvKey(roots, app, envKey, timestamp: 1_700_000_000)).ShouldBe(
            "c0989e470967189e59d7b26238eadbda93b8591d6dd935d2457c16aaf8c8e6e3"
            + "7e73fba76f6211e04294ec61bc85cb788c793c745e179bff9e05b9d6d09ac1da00");
    }

    [Fact]
    public void Binds_both_public_keys_in_the_bootstrap_statement()
    {
        var k256 = Convert.FromHexString("031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f");

        Hex(BootstrapStatement.ReportData(Convert.FromHexString(ReferenceSpki), k256)).ShouldBe(
            "f39ceee4f479b1826f3b20b32736ec4d84f5972424f5b462100488f69a86dd0b" + new string('0', 64));
    }

    [FixtureFact]
    public void Agrees_with_every_app_of_the_vectors()
    {
        var vectors = KmsVectors.Read();
        vectors.Apps.Count().ShouldBe(2);
        foreach (var expected in vectors.Apps)
        {
            var roots = vectors.Keys;
            var app = KmsVectors.App(KmsVectors.Bytes(expected, "app_id"));
            var instance = KmsVectors.Bytes(expected, "instance_id");

            Hex(AppKeyDerivation.DiskCryptKey(roots, app, new InstanceId(instance)))
                .ShouldBe(KmsVectors.Hex(expected, "disk_crypt_key"));
            Hex(AppKeyDerivation.EnvCryptKey(roots, app)).ShouldBe(KmsVectors.Hex(expected, "env_crypt_key"));
            Hex(AppKeyDerivation.EnvPublicKey(roots, app)).ShouldBe(KmsVectors.Hex(expected, "env_public_key"));
            Hex(AppKeyDerivation.CaKey(roots, app).SubjectPublicKeyInfo)
                .ShouldBe(KmsVectors.Hex(expected, "app_ca_spki"));
            Hex(AppKeyDerivation.K256Key(roots, app)).ShouldBe(KmsVectors.Hex(expected, "k256_key"));
            Hex(KmsSignature.OverAppKey(roots, app, KmsVectors.Bytes(expected, "k256_pubkey")))
                .ShouldBe(KmsVectors.Hex(expected, "k256_signature"));
            Hex(KmsSignature.OverEnvKey(roots, app, KmsVectors.Bytes(expected, "env_public_key")))
                .ShouldBe(KmsVectors.Hex(expected, "env_signature"));
            var timestamp = expected.GetProperty("timestamp").GetUInt64();
            Hex(KmsSignature.OverEnvKey(roots, app, KmsVectors.Bytes(expected, "env_public_key"), timestamp))
                .ShouldBe(KmsVectors.Hex(expected, "env_signature_v1"));
        }
    }

    /// <summary>A signature that another KMS made over a key in its simulator (kms-protocol §11.3).</summary>
    [Fact]
    public void The_signed_bytes_are_those_that_a_foreign_signature_covers()
    {
        var publicKey = Convert.FromHexString("e33a1832c6562067ff8f844a61e51ad051f1180b66ec2551fb0251735f3ee90a");
        var signature = Convert.FromHexString(
            "8542c49081fbf4e03f62034f13fbf70630bdf256a53032e38465a27c36fd6bed"
            + "7a5e7111652004aef37f7fd92fbfc1285212c4ae6a6154203a48f5e16cad2cef00");
        byte[] signed = [.. "dstack-env-encrypt-pubkey:"u8, .. new byte[20], .. publicKey];

        Secp256k1.RecoverPublicKey(Keccak256.HashData(signed), signature, out var signer)
            .ShouldBe(RecoveryOutcome.Recovered);
        signer!.ToString().ShouldBe("0217610d74cbd39b6143842c6d8bc310d79da1d82cc9d17f8876376221eda0c38f");
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("01")]
    public void Refuses_bytes_that_are_no_scalar(string hex) =>
        Should.Throw<CryptographicException>(() => P256PrivateKey.FromScalar(Convert.FromHexString(hex)));

    [Fact]
    public void A_key_survives_its_pem_form()
    {
        var key = P256PrivateKey.Generate();

        var again = P256PrivateKey.FromPem(key.ToPem());

        again.ToPkcs8().ShouldBe(key.ToPkcs8());
        key.ToPem().ShouldStartWith("-----BEGIN PRIVATE KEY-----\n");
        key.ToPem().ShouldEndWith("-----END PRIVATE KEY-----\n");
    }

    [Fact]
    public void The_framework_reads_our_pkcs8()
    {
        var key = P256PrivateKey.Generate();
        using var theirs = ECDsa.Create();

        theirs.ImportPkcs8PrivateKey(key.ToPkcs8(), out var read);

        read.ShouldBe(138);
        theirs.ExportSubjectPublicKeyInfo().ShouldBe(key.SubjectPublicKeyInfo);
    }

    [Fact]
    public void Refuses_a_private_key_of_another_curve()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Should.Throw<CryptographicException>(() => P256PrivateKey.FromPem(other.ExportPkcs8PrivateKeyPem()));
        Should.Throw<CryptographicException>(() => P256PrivateKey.FromPem("no key at all"));
    }

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
