using System.Text.Json;
using Broker.Ledger;
using Broker.Tests.Hosting;

namespace Broker.Tests.Agents;

/// <summary>
/// The rules of agents against others: viem for the device's proof, the contract's vector for the omni.
/// </summary>
public sealed class AgentVectorTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    /// <summary>Contract §7.6, the last row: the child of the first one, label agent-a, without a generation.</summary>
    [Fact]
    public void A_childs_omni_is_that_of_the_contracts_vector()
    {
        var parent = ActorOmni.Of("agentkeys", "evm", "0xabababababababababababababababababababab");

        parent.ToString().ShouldBe("b00491dad14d0916f68a969b1093ef87edbea404700af53b6d295245a21a6bb6");
        parent.Child("agent-a").ToString()
            .ShouldBe("523d86605ecef0bf370f6a9718e7ba3580a6548dec90b076ddddfb89189627f5");
    }

    [Fact]
    public async Task A_device_that_signs_with_viem_is_paired()
    {
        var theirs = await Npm.RunAsync("device-proof.mjs", new { });
        var pubkey = theirs.GetProperty("device_pubkey").GetString()!;

        var asked = (await shared.App.PostAsync(
            "/v1/agent/pairing/request",
            new { device_pubkey = pubkey, pop_sig = theirs.GetProperty("pop_sig").GetString() })).ShouldBeOk();

        asked["device_key_hash"].ShouldBe(theirs.GetProperty("device_key_hash").GetString());
        JsonSerializer.Serialize(asked["pairing_code"]).Length.ShouldBe(26);
    }
}
