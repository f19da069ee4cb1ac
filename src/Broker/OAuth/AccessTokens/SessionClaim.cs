using System.Text.Json.Serialization;

namespace Broker.OAuth.AccessTokens;

/// <summary>The claim <c>agentkeys</c> of a session token (contract §3.3).</summary>
internal sealed record SessionClaim(
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("wallet_address")] string WalletAddress,
    [property: JsonPropertyName("identity_type")] string IdentityType,
    [property: JsonPropertyName("identity_value")] string IdentityValue);

[JsonSerializable(typeof(SessionClaim))]
internal sealed partial class AccessTokensJson : JsonSerializerContext;
