using System.Text;
using Broker.LocalCloud.S3;

namespace Broker.LocalCloud.Tests.S3;

/// <summary>
/// Check values of "123456789": the CRC catalogue's (reveng) for the CRCs, FIPS 180's tools for the hashes.
/// </summary>
public sealed class ChecksumTests
{
    [Theory]
    [InlineData("crc32", "cbf43926")]
    [InlineData("crc32c", "e3069283")]
    [InlineData("crc64nvme", "ae8b14860a799888")]
    [InlineData("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441")]
    [InlineData("sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225")]
    public void Is_the_published_check_value(string algorithm, string expected) =>
        Convert.ToHexStringLower(Checksum.Compute(algorithm, Encoding.ASCII.GetBytes("123456789"))!).ShouldBe(expected);

    [Fact]
    public void Knows_no_other_algorithm() => Checksum.Compute("md5", []).ShouldBeNull();
}
