namespace Broker.Cryptography.Tests;

public class X25519Tests
{
    // RFC 7748 §5.2, the two single multiplications.
    [Theory]
    [InlineData(
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData(
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void Multiplies_as_RFC_7748_says(string scalar, string point, string expected) =>
        Agree(Bytes.Of(scalar), Bytes.Of(point)).ShouldBe(expected);

    // RFC 7748 §5.2, the iteration: each result becomes the scalar, each scalar the point.
    [Theory]
    [InlineData(1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")]
    [InlineData(1000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")]
    public void Iterates_as_RFC_7748_says(int times, string expected)
    {
        var scalar = Bytes.Of("0900000000000000000000000000000000000000000000000000000000000000");
        var point = scalar;
        for (var i = 0; i < times; i++)
        {
            var result = new byte[32];
            X25519.TryAgree(scalar, point, result).ShouldBeTrue();
            (scalar, point) = (result, scalar);
        }

        Bytes.Text(scalar).ShouldBe(expected);
    }

    // RFC 7748 §6.1.
    [Fact]
    public void Alice_and_Bob_agree()
    {
        var alice = Bytes.Of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        var bob = Bytes.Of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        var alicePublic = X25519.PublicKeyOf(alice);
        var bobPublic = X25519.PublicKeyOf(bob);
        Bytes.Text(alicePublic).ShouldBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        Bytes.Text(bobPublic).ShouldBe("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        const string shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
        Agree(alice, bobPublic).ShouldBe(shared);
        Agree(bob, alicePublic).ShouldBe(shared);
    }

    // An unclamped private key, as the KMS derives its environment keys (computed by the reference implementation's
    // formula).
    [Fact]
    public void Clamps_inside_the_multiplication() =>
        Bytes.Text(X25519.PublicKeyOf(Bytes.Of("a7470db8cfdd0fe24134b461d60766afa7c078abe6dce9f2c8a5c44034ca400e")))
            .ShouldBe("93cf259f68b24775d54290a8ea57cf93efc994d3ff28a7b8ba7a39e9f512302f");

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    public void Refuses_points_of_small_order(string point) =>
        X25519.TryAgree(Bytes.Counting(32), Bytes.Of(point), new byte[32]).ShouldBeFalse();

    [Fact]
    public void Other_sizes_are_a_mistake_of_the_caller()
    {
        Should.Throw<ArgumentException>(() => X25519.PublicKeyOf(new byte[31]));
        Should.Throw<ArgumentException>(() => X25519.TryAgree(new byte[32], new byte[33], new byte[32]));
    }

    private static string Agree(byte[] scalar, byte[] point)
    {
        var result = new byte[32];
        X25519.TryAgree(scalar, point, result).ShouldBeTrue();
        return Bytes.Text(result);
    }
}
