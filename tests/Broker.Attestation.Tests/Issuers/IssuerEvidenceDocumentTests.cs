using System.Text;
using System.Text.Json.Nodes;
using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.Issuers;

namespace Broker.Attestation.Tests.Issuers;

/// <summary>The document that an issuer publishes.</summary>
public class IssuerEvidenceDocumentTests
{
    private const string AllAa = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo";
    private const string AllFf = "__________________________________________8";

    [FixtureFact]
    public void Is_read_as_it_was_written()
    {
        var statement = Stated();

        var read = IssuerEvidenceDocument.Read(Written(statement)).Value!;

        read.Statement.Encode().ShouldBe(statement.Encode());
        read.Attestation.ShouldBeOfType<TdxAttestation>().Encode().ShouldBe(Envelope());
        read.Collateral!.TcbInfo.ShouldBe(Collateral().TcbInfo);
    }

    [FixtureFact]
    public void A_member_that_is_missing_or_of_another_form_is_refused()
    {
        var good = JsonNode.Parse(Written(Stated()))!.AsObject();
        foreach (var name in good.Select(member => member.Key).Where(name => name != "tee").ToArray())
        {
            var without = good.DeepClone().AsObject();
            without.Remove(name);
            Refused(without, name);
            var other = good.DeepClone().AsObject();
            other[name] = new JsonArray(new JsonObject());
            Refused(other, name);
        }
    }

    [FixtureFact]
    public void Keys_in_another_order_are_refused()
    {
        var document = JsonNode.Parse(Written(Stated(AllAa, AllFf)))!.AsObject();
        document["keys"] = new JsonArray(AllFf, AllAa);

        IssuerEvidenceDocument.Read(Encoding.UTF8.GetBytes(document.ToJsonString())).Error
            .ShouldBe("keys are not in their order");
    }

    private static void Refused(JsonObject document, string name) =>
        IssuerEvidenceDocument.Read(Encoding.UTF8.GetBytes(document.ToJsonString())).Succeeded.ShouldBeFalse(name);

    private static IssuerStatement Stated(params string[] keys) => IssuerStatement.Of(
        "https://broker.example", DateTimeOffset.FromUnixTimeSeconds(1_780_000_000), new byte[16],
        keys.Length == 0 ? [AllAa] : keys, "broker.example/ledger+00000000+AQ==").Value!;

    private static byte[] Written(IssuerStatement statement) =>
        IssuerEvidenceDocument.Write(statement, Envelope(), Collateral());

    private static byte[] Envelope() =>
        File.ReadAllBytes(Fixtures.File("tdx", "dstack", "simulator", "attestation_v0.bin"));

    private static Broker.Attestation.Quotes.QuoteCollateral Collateral() => QuoteCollateralJson.Read(
        File.ReadAllBytes(Fixtures.File("tdx", "real", "r12_dstack_simulator_quote", "collateral.json"))).Collateral!;
}
