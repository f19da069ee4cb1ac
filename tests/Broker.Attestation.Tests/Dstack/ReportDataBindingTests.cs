using System.Text;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.Tests.Dstack;

public class ReportDataBindingTests
{
    [FixtureFact]
    public void Computes_every_vector_of_every_tag_and_hash()
    {
        var vectors = DstackFixtures.Json("vectors", "report_data.json")
            .GetProperty("vectors").EnumerateArray().ToList();
        vectors.Count.ShouldBeGreaterThan(30);
        foreach (var vector in vectors)
        {
            var hash = ReportDataHashNames.Parse(vector.Text("hash")).ShouldNotBeNull();
            Convert.ToHexStringLower(ReportDataBinding.Compute(vector.Text("tag"), vector.Hex("content"), hash))
                .ShouldBe(vector.Text("report_data"), $"{vector.Text("tag")} {vector.Text("hash")}");
        }
    }

    [Fact]
    public void Computes_the_published_app_data_vector()
        => Convert.ToHexStringLower(ReportDataBinding.Compute("app-data", "test content"u8))
            .ShouldBe(
                "7ea0b744ed5e9c0c83ff9f575668e1697652cd349f2027cdf26f918d4c53e8cd"
                + "50b5ea9b449b4c3d50e20ae00ec29688d5a214e8daff8a10041f5d624dae8a01");

    [FixtureFact]
    public void Binds_certificates_by_their_whole_SubjectPublicKeyInfo()
    {
        var vectors = DstackFixtures.KmsJson("synthetic", "vectors.json");

        Convert.ToHexStringLower(ReportDataBinding.ForCertificate(vectors.Hex("rpc_spki")))
            .ShouldBe(vectors.Text("rpc_report_data"));
        Convert.ToHexStringLower(ReportDataBinding.ForCertificate(vectors.Hex("ra_client_spki")))
            .ShouldBe(vectors.Text("ra_client_report_data"));
    }

    [Fact]
    public void Raw_content_has_64_bytes_or_none()
    {
        var content = Encoding.ASCII.GetBytes(new string('x', 64));

        ReportDataBinding.Compute("whatever", content, ReportDataHash.Raw).ShouldBe(content);
        Should.Throw<ArgumentException>(
            () => ReportDataBinding.Compute("whatever", content.AsSpan(1), ReportDataHash.Raw));
    }

    [Theory]
    [InlineData("", ReportDataHash.Sha512)]
    [InlineData("sha512", ReportDataHash.Sha512)]
    [InlineData("raw", ReportDataHash.Raw)]
    [InlineData("SHA512", null)]
    [InlineData("md5", null)]
    public void Reads_the_names_of_hashes(string name, ReportDataHash? expected)
        => ReportDataHashNames.Parse(name).ShouldBe(expected);
}
