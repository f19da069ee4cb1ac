using System.Text;
using System.Text.Json.Nodes;
using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Tests.Simulation;

namespace Broker.Attestation.Tests.Collateral;

public class QuoteCollateralJsonTests(Simulated simulated) : IClassFixture<Simulated>
{
    private static readonly string[] Required =
    [
        "pck_crl_issuer_chain", "root_ca_crl", "pck_crl", "tcb_info_issuer_chain", "tcb_info", "tcb_info_signature",
        "qe_identity_issuer_chain", "qe_identity", "qe_identity_signature",
    ];

    public static TheoryData<string> RequiredFields => [.. Required];

    [Theory]
    [InlineData(null)]
    [InlineData("-----BEGIN CERTIFICATE-----\n")]
    public void Reads_back_what_it_wrote(string? pckChain)
    {
        var collateral = simulated.Pki.IssueCollateral(Simulated.Now) with { PckCertificateChain = pckChain };

        var read = QuoteCollateralJson.Read(QuoteCollateralJson.Write(collateral)).Collateral.ShouldNotBeNull();

        ShouldBeEqual(read, collateral);
    }

    [Fact]
    public void Reads_bytes_written_as_arrays_of_numbers()
    {
        var collateral = simulated.Pki.IssueCollateral(Simulated.Now);
        var json = Json(collateral);
        foreach (var field in (string[])["root_ca_crl", "pck_crl", "tcb_info_signature", "qe_identity_signature"])
        {
            var bytes = Convert.FromHexString(json[field]!.GetValue<string>());
            json[field] = new JsonArray([.. bytes.Select(value => (JsonNode)(int)value)]);
        }

        ShouldBeEqual(Read(json).Collateral.ShouldNotBeNull(), collateral);
    }

    [Theory, MemberData(nameof(RequiredFields))]
    public void Refuses_an_absent_field_by_its_name(string field)
    {
        var json = Json(simulated.Pki.IssueCollateral(Simulated.Now));
        json.Remove(field);

        ShouldRefuse(Read(json), field);
    }

    [Theory, MemberData(nameof(RequiredFields))]
    public void Refuses_a_field_of_another_type_by_its_name(string field)
    {
        var json = Json(simulated.Pki.IssueCollateral(Simulated.Now));
        json[field] = 7;

        ShouldRefuse(Read(json), field);
    }

    [Theory]
    [InlineData("root_ca_crl", "\"3g\"")]
    [InlineData("root_ca_crl", "\"308\"")]
    [InlineData("pck_crl", "[256]")]
    [InlineData("pck_crl", "[\"1\"]")]
    [InlineData("tcb_info_signature", "\"0x00\"")]
    public void Refuses_what_is_not_bytes(string field, string value)
    {
        var json = Json(simulated.Pki.IssueCollateral(Simulated.Now));
        json[field] = JsonNode.Parse(value);

        ShouldRefuse(Read(json), field);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"tcb_info\":\"a\",\"tcb_info\":\"b\"}")]
    [InlineData("{\"pck_crl_issuer_chain\":\"\\ud800\"}")]
    public void Refuses_what_is_not_one_object_with_each_name_once(string json)
        => QuoteCollateralJson.Read(Encoding.UTF8.GetBytes(json)).Refusal.ShouldNotBeNull()
            .Reason.ShouldBe(QuoteRefusalReason.Input);

    [Fact]
    public void Refuses_a_text_beyond_the_bound()
        => QuoteCollateralJson.Read(new byte[QuoteCollateralJson.MaxLength + 1]).Refusal.ShouldNotBeNull()
            .Reason.ShouldBe(QuoteRefusalReason.Input);

    private static JsonObject Json(QuoteCollateral collateral)
        => JsonNode.Parse(QuoteCollateralJson.Write(collateral))!.AsObject();

    private static CollateralReadResult Read(JsonObject json)
        => QuoteCollateralJson.Read(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static void ShouldRefuse(CollateralReadResult read, string field)
    {
        var refusal = read.Refusal.ShouldNotBeNull();
        refusal.Code.ShouldBe("INPUT");
        refusal.Detail.ShouldContain(field);
    }

    private static void ShouldBeEqual(QuoteCollateral actual, QuoteCollateral expected)
    {
        actual.RootCaCrl.ToArray().ShouldBe(expected.RootCaCrl.ToArray());
        actual.PckCrl.ToArray().ShouldBe(expected.PckCrl.ToArray());
        actual.TcbInfoSignature.ToArray().ShouldBe(expected.TcbInfoSignature.ToArray());
        actual.QeIdentitySignature.ToArray().ShouldBe(expected.QeIdentitySignature.ToArray());
        (actual.PckCrlIssuerChain, actual.TcbInfoIssuerChain, actual.TcbInfo, actual.QeIdentityIssuerChain,
            actual.QeIdentity, actual.PckCertificateChain).ShouldBe(
            (expected.PckCrlIssuerChain, expected.TcbInfoIssuerChain, expected.TcbInfo, expected.QeIdentityIssuerChain,
                expected.QeIdentity, expected.PckCertificateChain));
    }
}
