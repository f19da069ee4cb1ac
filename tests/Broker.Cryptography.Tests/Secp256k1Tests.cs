using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Cryptography.Tests;

public class Secp256k1Tests
{
    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141",
        System.Globalization.NumberStyles.HexNumber,
        System.Globalization.CultureInfo.InvariantCulture);

    // viem 2.57.0: privateKeyToAccount('0x4646…46').signMessage({ message: 'hello world' }).
    private const string WalletAddress = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
    private const string WalletSignature =
        "78dc245805f4363bd546a771502385e03c40995b13fbab75de9258c6515db8d9" +
        "2e831df32c6898bc590d0fb69945a72f6e31f1a70a325bf047ff5d557b1542ff1b";
    private const string WalletPublicKey =
        "044bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382" +
        "ce28cab79ad7119ee1ad3ebcdb98a16805211530ecc6cfefa1b88e6dff99232a";

    private static readonly byte[] Hash = PersonalMessage.Hash("hello world");

    [Theory]
    [InlineData("", "5f35dce98ba4fba25530a026ed80b2cecdaa31091ba4958b99b52ea1d068adad")]
    [InlineData("hello world", "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68")]
    [InlineData("grüße 🦊", "7d006830194d57dd54b9541c20b878f07148d18c2a80b596d4f2a014236e7bc7")]
    public void Hashes_personal_messages_as_viem_does(string message, string expected) =>
        Bytes.Text(PersonalMessage.Hash(message)).ShouldBe(expected);

    [Fact]
    public void Signs_and_derives_what_viem_does()
    {
        using var key = Key(Enumerable.Repeat((byte)0x46, 32).ToArray());
        Bytes.Text(key.PublicKey.Uncompressed).ShouldBe(WalletPublicKey);
        key.PublicKey.Address.ToChecksummedString().ShouldBe(WalletAddress);
        var signature = key.SignRecoverable(Hash);
        signature[64] += 27;
        Bytes.Text(signature).ShouldBe(WalletSignature);
    }

    [Fact]
    public void Recovers_the_wallet_that_signed()
    {
        var signature = Bytes.Of(WalletSignature);
        Secp256k1.RecoverAddress(Hash, signature, out var signer).ShouldBe(RecoveryOutcome.Recovered);
        signer.ToChecksummedString().ShouldBe(WalletAddress);

        signature[64] -= 27;
        Secp256k1.RecoverAddress(Hash, signature, out signer).ShouldBe(RecoveryOutcome.Recovered);
        signer.ToChecksummedString().ShouldBe(WalletAddress);
    }

    // RFC 6979 has no vectors for secp256k1; this one (key 1, SHA-256 of the text) is in the wallets' suites.
    [Fact]
    public void Takes_the_nonce_of_RFC_6979()
    {
        var one = new byte[32];
        one[31] = 1;
        using var key = Key(one);
        var hash = System.Security.Cryptography.SHA256.HashData("Satoshi Nakamoto"u8);
        Bytes.Text(key.SignRecoverable(hash).AsSpan(0, 64)).ShouldBe(
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8" +
            "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
    }

    // A real signature of dstack's KMS over an X25519 public key (vmm-cli's documentation).
    [Fact]
    public void Recovers_the_KMS_that_signed_an_environment_key()
    {
        byte[] message =
        [
            .. "dstack-env-encrypt-pubkey:"u8, .. new byte[20],
            .. Bytes.Of("e33a1832c6562067ff8f844a61e51ad051f1180b66ec2551fb0251735f3ee90a"),
        ];
        var signature = Bytes.Of(
            "8542c49081fbf4e03f62034f13fbf70630bdf256a53032e38465a27c36fd6bed" +
            "7a5e7111652004aef37f7fd92fbfc1285212c4ae6a6154203a48f5e16cad2cef00");
        Secp256k1.RecoverPublicKey(Keccak256.HashData(message), signature, out var key)
            .ShouldBe(RecoveryOutcome.Recovered);
        key!.ToString().ShouldBe("0217610d74cbd39b6143842c6d8bc310d79da1d82cc9d17f8876376221eda0c38f");
    }

    [Fact]
    public void Refuses_the_malleable_twin_unless_asked_to_accept_it()
    {
        var twin = Bytes.Of(WalletSignature);
        var s = new BigInteger(twin.AsSpan(32, 32), isUnsigned: true, isBigEndian: true);
        (Order - s).ToByteArray(isUnsigned: true, isBigEndian: true).CopyTo(twin.AsSpan(32));
        twin[64] = (byte)(27 + 28 - twin[64]);

        Secp256k1.RecoverAddress(Hash, twin, out var signer).ShouldBe(RecoveryOutcome.HighS);
        signer.ShouldBe(default);
        Secp256k1.RecoverAddress(Hash, twin, out signer, allowHighS: true).ShouldBe(RecoveryOutcome.Recovered);
        signer.ToChecksummedString().ShouldBe(WalletAddress);
    }

    [Fact]
    public void The_bound_of_s_is_half_the_order_itself()
    {
        var signature = Bytes.Of(WalletSignature);
        var half = (Order / 2).ToByteArray(isUnsigned: true, isBigEndian: true);
        half.CopyTo(signature.AsSpan(32));
        Secp256k1.RecoverAddress(Hash, signature, out _).ShouldBe(RecoveryOutcome.Recovered);
        signature[63]++;
        Secp256k1.RecoverAddress(Hash, signature, out _).ShouldBe(RecoveryOutcome.HighS);
    }

    [Fact]
    public void Any_flipped_bit_no_longer_names_the_signer()
    {
        for (var bit = 0; bit < 64 * 8; bit++)
        {
            var flipped = Bytes.Of(WalletSignature);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Secp256k1.RecoverAddress(Hash, flipped, out var signer, allowHighS: true);
            signer.ToChecksummedString().ShouldNotBe(WalletAddress);
        }

        for (var bit = 0; bit < Hash.Length * 8; bit++)
        {
            var flipped = (byte[])Hash.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Secp256k1.RecoverAddress(flipped, Bytes.Of(WalletSignature), out var signer);
            signer.ToChecksummedString().ShouldNotBe(WalletAddress);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(66)]
    public void Refuses_other_lengths(int length)
    {
        var outcome = Secp256k1.RecoverAddress(Hash, new byte[length], out _);
        outcome.ShouldBe(RecoveryOutcome.WrongLength);
        outcome.IsMalformed().ShouldBeTrue();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(26)]
    [InlineData(29)]
    [InlineData(255)]
    public void Refuses_other_recovery_ids(byte v)
    {
        var signature = Bytes.Of(WalletSignature);
        signature[64] = v;
        Secp256k1.RecoverAddress(Hash, signature, out _).ShouldBe(RecoveryOutcome.WrongRecoveryId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public void Refuses_scalars_out_of_range(int offset)
    {
        var order = Order.ToByteArray(isUnsigned: true, isBigEndian: true);
        foreach (var scalar in new[] { new byte[32], order, Enumerable.Repeat((byte)0xFF, 32).ToArray() })
        {
            var signature = Bytes.Of(WalletSignature);
            scalar.CopyTo(signature, offset);
            Secp256k1.RecoverAddress(Hash, signature, out _, allowHighS: true)
                .ShouldBe(RecoveryOutcome.ScalarOutOfRange);
        }
    }

    [Fact]
    public void A_well_formed_signature_without_a_point_is_not_recoverable()
    {
        // x = 5 is on no point of the curve: 5³ + 7 has no square root modulo the field's prime.
        var signature = new byte[65];
        signature[31] = 5;
        signature[63] = 1;
        var outcome = Secp256k1.RecoverAddress(Hash, signature, out _);
        outcome.ShouldBe(RecoveryOutcome.NotRecoverable);
        outcome.IsMalformed().ShouldBeFalse();
    }

    [Fact]
    public void Every_outcome_has_a_sentence()
    {
        foreach (var outcome in Enum.GetValues<RecoveryOutcome>()) outcome.Describe().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void What_a_key_signs_recovers_that_key()
    {
        var digests = ArbMap.Default.GeneratorFor<byte>().ArrayOf(32).ToArbitrary();
        Prop.ForAll(digests, hash =>
        {
            using var key = Secp256k1PrivateKey.Generate();
            var signature = key.SignRecoverable(hash);
            return Secp256k1.RecoverPublicKey(hash, signature, out var signer) == RecoveryOutcome.Recovered
                && key.PublicKey.Equals(signer)
                && signature.AsSpan().SequenceEqual(key.SignRecoverable(hash));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Random_signatures_never_throw() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<byte>().ArrayOf(65).ToArbitrary(), signature =>
        {
            signature[64] %= 2;
            var outcome = Secp256k1.RecoverPublicKey(Hash, signature, out var key, allowHighS: true);
            return outcome == RecoveryOutcome.Recovered == (key is not null);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Refuses_private_keys_out_of_range()
    {
        Secp256k1PrivateKey.TryFromBytes(new byte[32], out _).ShouldBeFalse();
        Secp256k1PrivateKey.TryFromBytes(Order.ToByteArray(isUnsigned: true, isBigEndian: true), out _).ShouldBeFalse();
        Secp256k1PrivateKey.TryFromBytes(new byte[31], out _).ShouldBeFalse();
        Secp256k1PrivateKey.TryFromBytes((Order - 1).ToByteArray(isUnsigned: true, isBigEndian: true), out var last)
            .ShouldBeTrue();
        last!.Dispose();
    }

    [Fact]
    public void Reads_both_forms_of_a_public_key_and_nothing_else()
    {
        Secp256k1PublicKey.TryParse(Bytes.Of(WalletPublicKey), out var key).ShouldBeTrue();
        Secp256k1PublicKey.TryParse(key!.ToCompressed(), out var same).ShouldBeTrue();
        same.ShouldBe(key);
        EthereumAddress.FromPublicKey(same!).ToChecksummedString().ShouldBe(WalletAddress);

        var hybrid = Bytes.Of(WalletPublicKey);
        hybrid[0] = 0x06;
        Secp256k1PublicKey.TryParse(hybrid, out _).ShouldBeFalse();
        var offCurve = Bytes.Of(WalletPublicKey);
        offCurve[^1] ^= 1;
        Secp256k1PublicKey.TryParse(offCurve, out _).ShouldBeFalse();
        Secp256k1PublicKey.TryParse([], out _).ShouldBeFalse();
        Secp256k1PublicKey.TryParse(new byte[33], out _).ShouldBeFalse();
    }

    [Fact]
    public void A_disposed_key_neither_signs_nor_shows_itself()
    {
        var key = Secp256k1PrivateKey.Generate();
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.SignRecoverable(Hash));
        Should.Throw<ObjectDisposedException>(() => key.ExportTo(new byte[32]));
    }

    [Fact]
    public void An_exported_key_is_the_same_key()
    {
        using var key = Secp256k1PrivateKey.Generate();
        var bytes = new byte[32];
        key.ExportTo(bytes);
        using var again = Key(bytes);
        again.PublicKey.ShouldBe(key.PublicKey);
    }

    private static Secp256k1PrivateKey Key(byte[] scalar) => Secp256k1PrivateKey.TryFromBytes(scalar, out var key)
        ? key
        : throw new ArgumentException("not a key", nameof(scalar));
}
