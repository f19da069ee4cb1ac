using Broker.Tests.Hosting;

namespace Broker.Tests.Agents;

/// <summary>The calls of a pairing, as a device and its master make them.</summary>
internal static class Pairings
{
    public static Task<Answer> RequestPairingAsync(this BrokerApp broker, Device device) => broker.PostAsync(
        "/v1/agent/pairing/request", new { device_pubkey = device.Pubkey, pop_sig = device.Pop });

    public static Task<Answer> ClaimAsync(
        this BrokerApp broker, string? code, string? session, string label = "agent-a", string scope = "memory") =>
        broker.PostAsync(
            "/v1/agent/pairing/claim", new { pairing_code = code, label, requested_scope = scope }, session);

    public static Task<Answer> PollAsync(this BrokerApp broker, string? request, Device device) => broker.PostAsync(
        "/v1/agent/pairing/poll", new { request_id = request, device_pubkey = device.Pubkey, pop_sig = device.Pop });

    public static async Task<System.Text.Json.JsonElement[]> PendingAsync(this BrokerApp broker, string session) =>
        [.. (await broker.GetAsync("/v1/agent/pending-bindings", ("Authorization", $"Bearer {session}"))).ShouldBeOk()
            .Json.GetProperty("pending").EnumerateArray()];

    public static Task<Answer> DecideAsync(this BrokerApp broker, string verb, string? request, string session) =>
        broker.PostAsync($"/v1/agent/pending-bindings/{verb}", new { request_id = request }, session);

    /// <summary>A paired agent's session token.</summary>
    public static async Task<string> PairAsync(
        this BrokerApp broker, Device device, string master, string label = "agent-a")
    {
        var asked = (await broker.RequestPairingAsync(device)).ShouldBeOk();
        (await broker.ClaimAsync(asked["pairing_code"], master, label)).ShouldBeOk();
        return (await broker.PollAsync(asked["request_id"], device)).ShouldBeOk()["session_jwt"]!;
    }
}
