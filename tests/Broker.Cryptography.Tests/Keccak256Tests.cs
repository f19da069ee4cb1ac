using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Cryptography.Tests;

public class Keccak256Tests
{
    // The empty text's digest is the code hash of every account without code (EIP-1052); the others are what viem
    // 2.57.0 prints. 136 bytes are one block of the sponge.
    [Theory]
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData(
        "The quick brown fox jumps over the lazy dog",
        "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15")]
    public void Hashes_texts_as_others_do(string text, string expected) =>
        Bytes.Text(Keccak256.HashData(Encoding.UTF8.GetBytes(text))).ShouldBe(expected);

    [Theory]
    [InlineData(1, "bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a")]
    [InlineData(135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62")]
    [InlineData(136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e")]
    [InlineData(137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db")]
    [InlineData(271, "27eceb59ebc3dc8a04a5b135be641591a7278540e4556a2ba9f408194e666ec3")]
    [InlineData(272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc")]
    [InlineData(1000, "af692982e84a5a9688359025660a7857cd28ee7c8d867cfa1677baf2e6d1f63b")]
    public void Hashes_around_the_block_boundaries_as_others_do(int length, string expected) =>
        Bytes.Text(Keccak256.HashData(Bytes.Counting(length))).ShouldBe(expected);

    [Fact]
    public void The_same_sponge_with_the_other_padding_is_the_platforms_SHA3() =>
        Prop.ForAll<byte[]>(ArbMap.Default.ArbFor<byte[]>(), message =>
        {
            var sponge = new KeccakSponge();
            sponge.Absorb(message);
            var digest = new byte[32];
            sponge.Squeeze(0x06, digest);
            return digest.AsSpan().SequenceEqual(SHA3_256.HashData(message));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_pieces_hash_as_their_concatenation()
    {
        var message = Bytes.Counting(500);
        var whole = Keccak256.HashData(message);
        var pieces = new byte[32];
        for (var cut = 0; cut <= message.Length; cut++)
        {
            Keccak256.HashData(message.AsSpan(0, cut), message.AsSpan(cut), pieces);
            pieces.ShouldBe(whole);
        }
    }

    [Fact]
    public void Writes_nothing_into_a_room_that_is_too_small()
    {
        var room = new byte[31];
        Keccak256.TryHashData([1], room, out var written).ShouldBeFalse();
        written.ShouldBe(0);
        room.ShouldAllBe(b => b == 0);
        Should.Throw<ArgumentException>(() => Keccak256.HashData([1], room.AsSpan()));
    }
}
