using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.BadInput;

/// <summary>A route that takes a body, with a body that it accepts, to be spoilt.</summary>
/// <param name="NeedsSession">Whether a session token goes with it.</param>
/// <param name="Fields">Every field that the route reads, nested ones by <c>a.b</c>.</param>
internal sealed record Route(string Path, bool NeedsSession, string[] Fields)
{
    public static readonly Route Start = new("/v1/auth/wallet/start", false, ["address", "chain_id"]);
    public static readonly Route Verify = new("/v1/auth/wallet/verify", false, ["request_id", "signature"]);
    public static readonly Route VerifyMessage = new("/v1/auth/wallet/verify?written", false, ["message", "signature"]);
    public static readonly Route RequestLink = new("/v1/auth/email/request", false, ["email"]);
    public static readonly Route PreviewLink = new("/v1/auth/email/preview", false, ["token"]);
    public static readonly Route ConfirmLink = new("/v1/auth/email/verify", false, ["token", "request_id"]);
    public static readonly Route OidcToken = new("/v1/mint-oidc-jwt", true, ["role", "ttl_seconds", "reason"]);
    public static readonly Route AwsCredentials = new("/v1/mint-aws-creds", true, ["role", "duration_seconds", "reason"]);

    public static readonly Route SignedAwsCredentials = new("/v1/mint-aws-creds?dry_run=false", true,
    [
        "request_id", "issued_at", "intent", "intent.agent_id", "intent.service", "intent.scope_path", "auth",
        "auth.address", "auth.signature",
    ]);

    public static readonly Route CreateGrant = new(
        "/v1/grant/create", true, ["daemon_address", "service", "expires_at", "max_uses"]);

    public static readonly Route LinkIdentity = new("/v1/identity/link", true, ["identity_token"]);

    public static readonly Route CreateAgent = new("/v1/agent/create", true, ["label"]);

    public static readonly Route RequestPairing = new("/v1/agent/pairing/request", false, ["device_pubkey", "pop_sig"]);

    public static readonly Route RedeemLinkCode = new(
        "/v1/auth/link-code/redeem", false, ["link_code", "device_pubkey", "pop_sig"]);

    public static readonly Route[] All =
    [
        Start, Verify, VerifyMessage, RequestLink, PreviewLink, ConfirmLink, OidcToken, AwsCredentials,
        SignedAwsCredentials, CreateGrant, LinkIdentity, CreateAgent, RequestPairing, RedeemLinkCode,
    ];

    /// <summary>A body that the route answers with 200.</summary>
    public async Task<JsonObject> GoodBodyAsync(BrokerApp broker, Wallet wallet)
    {
        if (this == Start) return new JsonObject { ["address"] = wallet.Address, ["chain_id"] = 1 };
        if (this == RequestLink) return new JsonObject { ["email"] = "alice@example.org" };
        if (this == PreviewLink || this == ConfirmLink)
        {
            var requested = (await broker.RequestLinkAsync()).ShouldBeOk();
            var link = new JsonObject { ["token"] = broker.NewestToken() };
            if (this == ConfirmLink) link["request_id"] = requested["request_id"];
            return link;
        }

        if (this == OidcToken) return new JsonObject { ["role"] = "data", ["ttl_seconds"] = 300, ["reason"] = "x" };
        if (this == AwsCredentials) return new JsonObject { ["role"] = "data", ["duration_seconds"] = 3600, ["reason"] = "x" };
        if (this == SignedAwsCredentials) return SignedMintBody.Signed(wallet, broker.Clock.Now);

        if (this == CreateGrant || this == LinkIdentity || this == CreateAgent)
            return await GoodBodyOfMasterAsync(broker, wallet);
        if (this == RequestPairing || this == RedeemLinkCode) return await GoodBodyOfDeviceAsync(broker, wallet);

        var challenge = await broker.ChallengeAsync(wallet.Address);
        var message = challenge["siwe_message"]!;
        return this == Verify
            ? new JsonObject { ["request_id"] = challenge["request_id"], ["signature"] = wallet.Sign(message) }
            : new JsonObject { ["message"] = message, ["signature"] = wallet.Sign(message) };
    }

    private async Task<JsonObject> GoodBodyOfMasterAsync(BrokerApp broker, Wallet wallet)
    {
        if (this == CreateAgent) return new JsonObject { ["label"] = "agent-a" };
        if (this == CreateGrant)
        {
            return new JsonObject
            {
                ["daemon_address"] = wallet.Address,
                ["service"] = "s3",
                ["expires_at"] = broker.Clock.UnixSeconds + 3600,
                ["max_uses"] = 1,
            };
        }

        using var other = new Wallet();
        return new JsonObject { ["identity_token"] = await broker.SignInAsync(other) };
    }

    private async Task<JsonObject> GoodBodyOfDeviceAsync(BrokerApp broker, Wallet wallet)
    {
        using var device = new Device();
        var body = new JsonObject { ["device_pubkey"] = device.Pubkey, ["pop_sig"] = device.Pop };
        if (this == RequestPairing) return body;
        var created = await broker.PostAsync(
            "/v1/agent/create", new { label = "agent-a" }, await broker.SignInAsync(wallet));
        body["link_code"] = created.ShouldBeOk()["link_code"];
        return body;
    }
}
