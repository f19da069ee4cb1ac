using System.Buffers.Text;
using System.Security.Cryptography;

namespace Broker.Cryptography.Tests;

public class Es256Tests
{
    // The key and the signature of RFC 7515 appendix A.3; the thumbprint is what jose 6.2.17 computes for that key.
    private const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    private const string D = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
    private const string Thumbprint = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

    private static ReadOnlySpan<byte> SigningInput =>
        "eyJhbGciOiJFUzI1NiJ9."u8 +
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"u8;

    private const string Signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    [Fact]
    public void Verifies_the_example_of_RFC_7515()
    {
        using var key = Key();
        Es256.Verify(key, SigningInput, Base64Url.DecodeFromChars(Signature)).ShouldBeTrue();
        Es256.Verify(key, SigningInput[1..], Base64Url.DecodeFromChars(Signature)).ShouldBeFalse();
        Es256.Verify(key, SigningInput, Base64Url.DecodeFromChars(Signature).AsSpan(0, 63)).ShouldBeFalse();
    }

    [Fact]
    public void Verifies_what_it_signs()
    {
        using var key = Key();
        var signature = new byte[Es256.SignatureSize];
        Es256.Sign(key, SigningInput, signature);
        Es256.Verify(key, SigningInput, signature).ShouldBeTrue();
        signature[10] ^= 1;
        Es256.Verify(key, SigningInput, signature).ShouldBeFalse();
    }

    // Of every two signatures of the framework one is of the upper half; ours never are. That of RFC 7515 is.
    [Fact]
    public void Signs_in_the_lower_half_only()
    {
        using var key = Key();
        var signature = new byte[Es256.SignatureSize];
        for (var n = 0; n < 100; n++)
        {
            Es256.Sign(key, SigningInput, signature);
            Es256.IsLowerHalf(signature).ShouldBeTrue();
            Es256.Verify(key, SigningInput, signature).ShouldBeTrue();
        }

        Es256.IsLowerHalf(Base64Url.DecodeFromChars(Signature)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", true)]
    [InlineData("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9", false)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", true)]
    public void The_halves_meet_at_half_of_the_order(string s, bool isLower) =>
        Es256.IsLowerHalf([.. new byte[32], .. Convert.FromHexString(s)]).ShouldBe(isLower);

    [Fact]
    public void Does_not_sign_with_another_curve()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Should.Throw<CryptographicException>(() => Es256.Sign(p384, [1], new byte[64]));
        Should.Throw<CryptographicException>(() => EcJwk.FromPublicKey(p384));
        using var secp256k1 = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        Should.Throw<CryptographicException>(() => EcJwk.FromPublicKey(secp256k1));
    }

    [Fact]
    public void Prints_the_coordinates_and_the_thumbprint()
    {
        using var key = Key();
        var jwk = EcJwk.FromPublicKey(key);
        jwk.ShouldBe(new EcJwk(X, Y));
        jwk.Thumbprint().ShouldBe(Thumbprint);
    }

    // One key in 256 has a coordinate that starts with a zero byte; RFC 7518 §6.2.1.2 wants it kept.
    [Fact]
    public void Coordinates_always_have_32_bytes()
    {
        for (var i = 0; i < 300; i++)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var jwk = EcJwk.FromPublicKey(key);
            jwk.X.Length.ShouldBe(43);
            jwk.Y.Length.ShouldBe(43);
        }
    }

    private static ECDsa Key() => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        D = Base64Url.DecodeFromChars(D),
        Q = new ECPoint { X = Base64Url.DecodeFromChars(X), Y = Base64Url.DecodeFromChars(Y) },
    });
}
