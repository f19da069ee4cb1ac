using Broker.Kms.Derivation;
using Broker.Kms.Keys;

namespace Broker.Kms.Tests.Derivation;

/// <summary>
/// The keys that the roots give the broker. The values are those of another implementation of RFC 5869, Python's
/// <c>hmac</c>, over the documented bytes.
/// </summary>
public sealed class BrokerKeysTests
{
    private static readonly BrokerKeys Keys = new(KmsVectors.RootKeysFrom(Counting(1), Counting(33)));

    [Theory]
    [InlineData("oidc/issuer/v1", "a335216d994a839505118872d6c799050df9efb7acad2f00c430de6b930367db")]
    [InlineData("session/v1", "5ae3a6b2d3b80ee54fe1ec5541085b6287a734a214b3043a998881e7edd138f1")]
    [InlineData("oidc/issuer/v2", "4d0d416159f535f079356ba928356c6fe762302442d134aa5de48040f7e3a016")]
    public void A_path_gives_the_P256_key_of_its_vector(string path, string scalar) =>
        Convert.ToHexStringLower(Keys.P256(path))
            .ShouldBe(Convert.ToHexStringLower(P256PrivateKey.FromScalar(Convert.FromHexString(scalar)).ToPkcs8()));

    [Fact]
    public void A_path_gives_the_seed_and_the_secret_of_its_vector()
    {
        Convert.ToHexStringLower(Keys.Ed25519("ledger/checkpoint/v1"))
            .ShouldBe("5f92068ce838acfe6218105bd197a0e8f5b822ef44a16aa531701ea3b94e8ea7");
        Convert.ToHexStringLower(Keys.Secret("signer/master/v1"))
            .ShouldBe("65a21c7b1b9959405bbaf6871cdc9fc33cf0c250d70f36da8f8db8696214b884");
    }

    [Theory]
    [InlineData("service/cred/kek/v1", "f079fead879e27a46d5347adb80481d08a139a72e5a8b00f0e636729b9b71a0d")]
    [InlineData("service/memory/kek/v1", "e7427d450258cfd79542f0437f4107c71a10f2f33fac54514e5e6db31d75878f")]
    [InlineData("service/config/kek/v1", "c41735142c1aa3be282d4e9914fa472a0d6d640e2914fd82662095e6f1d58691")]
    public void A_data_class_has_a_key_of_its_own(string path, string secret) =>
        Convert.ToHexStringLower(Keys.Secret(path)).ShouldBe(secret);

    [Fact]
    public void Path_and_kind_never_run_into_one_another()
    {
        Keys.Secret("a").ShouldNotBe(Keys.Ed25519("a"));
        Keys.Secret("asecret").ShouldNotBe(Keys.Secret("a"));
    }

    [Fact]
    public void Each_root_counts()
    {
        new BrokerKeys(KmsVectors.RootKeysFrom(Counting(2), Counting(33))).Secret("a").ShouldNotBe(Keys.Secret("a"));
        new BrokerKeys(KmsVectors.RootKeysFrom(Counting(1), Counting(34))).Secret("a").ShouldNotBe(Keys.Secret("a"));
    }

    private static byte[] Counting(byte first) => [.. Enumerable.Range(first, 32).Select(value => (byte)value)];
}
