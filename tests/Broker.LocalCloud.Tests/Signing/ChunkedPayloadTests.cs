using System.Text;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.Tests.Signing;

/// <summary>
/// The worked examples of the S3 API Reference, "Signature calculations for the Authorization header: transferring
/// payload in multiple chunks" and "… including trailing headers": 66560 letters a in chunks of 65536, 1024 and 0
/// bytes.
/// </summary>
public sealed class ChunkedPayloadTests
{
    private const string Seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    private const string First = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
    private const string Second = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
    private const string Last = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";

    private const string TrailedSeed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    private const string TrailedFirst = "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2";
    private const string TrailedSecond = "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7";
    private const string TrailedLast = "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992";
    private const string Trailer = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

    private static readonly string Large = new('a', 65536);
    private static readonly string Small = new('a', 1024);

    [Fact]
    public void Takes_the_worked_example()
    {
        var (bytes, trailers, _) = Decode(Signed(First, Second, Last), PayloadHash.SignedChunks, Seed);

        Encoding.ASCII.GetString(bytes!).ShouldBe(Large + Small);
        trailers.ShouldBeEmpty();
    }

    [Fact]
    public void Takes_the_worked_example_with_a_trailer()
    {
        var trailer = $"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:{Trailer}\r\n";
        var body = Signed(TrailedFirst, TrailedSecond, TrailedLast, trailer);

        var (bytes, trailers, _) = Decode(body, PayloadHash.SignedChunksWithTrailer, TrailedSeed);

        Encoding.ASCII.GetString(bytes!).ShouldBe(Large + Small);
        trailers.ShouldBe(new Dictionary<string, string> { ["x-amz-checksum-crc32c"] = "sOO8/Q==" });
        Convert.ToBase64String(LocalCloud.S3.Checksum.Compute("crc32c", bytes!)!).ShouldBe("sOO8/Q==");
    }

    [Fact]
    public void Takes_unsigned_chunks()
    {
        var body = "5\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";

        var (bytes, trailers, _) = Decode(body, PayloadHash.UnsignedChunksWithTrailer, Seed);

        Encoding.ASCII.GetString(bytes!).ShouldBe("hello!");
        trailers["x-amz-checksum-crc32"].ShouldBe("AAAA");
    }

    [Fact]
    public void Refuses_a_changed_byte()
    {
        var body = Signed(First, Second, Last);
        var at = body.IndexOf("aaaa", StringComparison.Ordinal) + 1000;

        Decode(body[..at] + "b" + body[(at + 1)..], PayloadHash.SignedChunks, Seed).Forged.ShouldBeTrue();
    }

    [Fact]
    public void Refuses_chunks_in_another_order() => Decode(
        Chunk(Small, Second) + Chunk(Large, First) + Chunk("", Last), PayloadHash.SignedChunks, Seed)
        .Forged.ShouldBeTrue();

    [Fact]
    public void Refuses_a_body_whose_middle_was_cut_out() => Decode(
        Chunk(Large, First) + Chunk("", Last), PayloadHash.SignedChunks, Seed).Forged.ShouldBeTrue();

    [Fact]
    public void Refuses_a_changed_trailer()
    {
        var trailer = $"x-amz-checksum-crc32c:AAAAAA==\r\nx-amz-trailer-signature:{Trailer}\r\n";
        var body = Signed(TrailedFirst, TrailedSecond, TrailedLast, trailer);

        Decode(body, PayloadHash.SignedChunksWithTrailer, TrailedSeed).Forged.ShouldBeTrue();
    }

    [Fact]
    public void Refuses_a_trailer_without_its_signature()
    {
        var body = Signed(TrailedFirst, TrailedSecond, TrailedLast, "x-amz-checksum-crc32c:sOO8/Q==\r\n");

        Decode(body, PayloadHash.SignedChunksWithTrailer, TrailedSeed).Forged.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("5\r\nhello")]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("6\r\nhello\r\n0\r\n\r\n")]
    [InlineData("4\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-1\r\nhello\r\n0\r\n\r\n")]
    [InlineData("ffffffff\r\nhello\r\n0\r\n\r\n")]
    [InlineData("\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nno colon\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\na:1\r\na:2\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n\r\nmore")]
    public void Refuses_a_body_that_is_not_chunked(string body) =>
        Decode(body, PayloadHash.UnsignedChunksWithTrailer, Seed).Bytes.ShouldBeNull();

    private static (byte[]? Bytes, Dictionary<string, string> Trailers, bool Forged) Decode(
        string body, string hash, string seed)
    {
        var scope = new SigningScope("20130524", "us-east-1", "s3");
        var owner = new UserPrincipal(new IamUser("1", "u", "arn", "id", "AKIAIOSFODNN7EXAMPLE", "secret", []));
        var request = new VerifiedSignature(
            owner, scope, "20130524T000000Z", seed, scope.DeriveKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        return ChunkedPayload.Decode(Encoding.ASCII.GetBytes(body), hash, request);
    }

    private static string Signed(string first, string second, string last, string trailers = "") =>
        Chunk(Large, first) + Chunk(Small, second) + $"0;chunk-signature={last}\r\n{trailers}\r\n";

    private static string Chunk(string text, string signature) =>
        $"{text.Length:x};chunk-signature={signature}\r\n{text}\r\n";
}
