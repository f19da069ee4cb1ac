using System.Text.Json.Serialization;
using Broker.Identity;

namespace Broker.OAuth.AccessTokens;

/// <summary>The claim <c>agentkeys</c> of a session token (contract §3.3).</summary>
internal sealed record SessionClaim(
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("wallet_address")] string WalletAddress,
    [property: JsonPropertyName("identity_type")] string IdentityType,
    [property: JsonPropertyName("identity_value")] string IdentityValue);

/// <summary>The claim <c>cnf</c> of a token that is bound to a key (RFC 9449 §6.1).</summary>
internal sealed record KeyClaim([property: JsonPropertyName("jkt")] string Thumbprint);

/// <summary>The claim <c>act</c>: who acts for the subject, and who did before (RFC 8693 §4.1).</summary>
internal sealed record ActClaim(
    [property: JsonPropertyName("sub")] string Subject,
    [property: JsonPropertyName("act"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ActClaim? Before)
{
    public static ActClaim Of(ActingAgent agent) =>
        new(agent.Subject, agent.Before is { } before ? Of(before) : null);
}

[JsonSerializable(typeof(SessionClaim))]
[JsonSerializable(typeof(ActClaim))]
[JsonSerializable(typeof(KeyClaim))]
internal sealed partial class AccessTokensJson : JsonSerializerContext;
