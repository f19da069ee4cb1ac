using Broker.Attestation.Measurements;


namespace Broker.Attestation.Tests.Dstack;

public class MrConfigIdTests
{
    [FixtureFact]
    public void Computes_the_vectors_of_all_three_versions()
    {
        var vectors = DstackFixtures.Json("vectors", "mr_config_id.json");

        Convert.ToHexStringLower(MrConfigId.V1(vectors.Hex("v1", "compose_hash")))
            .ShouldBe(vectors.Text("v1", "mr_config_id"));
        Convert.ToHexStringLower(MrConfigId.V3(vectors.Text("v3", "document")))
            .ShouldBe(vectors.Text("v3", "mr_config_id"));
        var second = vectors.GetProperty("v2").EnumerateArray().ToList();
        second.Count.ShouldBe(4);
        foreach (var vector in second)
        {
            var kind = (KeyProviderKind)vector.GetProperty("key_provider_byte").GetInt32();
            kind.ToString().ShouldBe(vector.Text("key_provider"), StringCompareShould.IgnoreCase);
            var id = MrConfigId.V2(
                vector.Hex("compose_hash"), vector.Hex("app_id"), kind, vector.Hex("key_provider_id"));
            Convert.ToHexStringLower(id).ShouldBe(vector.Text("mr_config_id"));
        }
    }
}
