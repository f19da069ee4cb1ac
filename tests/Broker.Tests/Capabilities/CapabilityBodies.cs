using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.Capabilities;

/// <summary>A wish for a capability, and the device's proof, as a client makes them (contract §2.17).</summary>
internal static class CapabilityBodies
{
    public static JsonObject Wish(string master, string actor, Device device, string service = "openrouter") => new()
    {
        ["operator_omni"] = $"0x{master}",
        ["actor_omni"] = $"0x{actor}",
        ["device_key_hash"] = device.KeyHash,
        ["service"] = service,
    };

    /// <summary>Adds the proof, worked out here.</summary>
    public static JsonObject ProvenBy(
        this JsonObject body, Device device, long time, string op = "fetch", string dataClass = "credentials",
        string? nonce = null)
    {
        nonce ??= Guid.NewGuid().ToString("n");
        string Omni(string name) => body[name]!.GetValue<string>()[2..].ToLowerInvariant();
        var service = Device.Keccak(body["service"]!.GetValue<string>().Trim().ToLowerInvariant());
        var text = $"agentkeys-cap-pop:v1:{Omni("operator_omni")}:{Omni("actor_omni")}:{service}:{op}:{dataClass}:"
            + $"{nonce}:{time}";
        body["client_sig"] = device.Sign(Convert.FromHexString(Device.Keccak(text)));
        body["client_nonce"] = nonce;
        body["client_ts"] = time;
        return body;
    }
}
