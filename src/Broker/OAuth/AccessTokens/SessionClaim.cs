using System.Text.Json.Serialization;

namespace Broker.OAuth.AccessTokens;

/// <summary>The claim <c>agentkeys</c> of a session token (contract §3.3).</summary>
internal sealed record SessionClaim(
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("wallet_address")] string WalletAddress,
    [property: JsonPropertyName("identity_type")] string IdentityType,
    [property: JsonPropertyName("identity_value")] string IdentityValue);

/// <summary>The claim <c>cnf</c> of a token that is bound to a key (RFC 9449 §6.1).</summary>
internal sealed record KeyClaim([property: JsonPropertyName("jkt")] string Thumbprint);

[JsonSerializable(typeof(SessionClaim))]
[JsonSerializable(typeof(KeyClaim))]
internal sealed partial class AccessTokensJson : JsonSerializerContext;
