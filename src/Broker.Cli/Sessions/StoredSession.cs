using System.Text.Json.Serialization;

namespace Broker.Cli.Sessions;

/// <summary>A session as <c>brokerctl login</c> keeps it.</summary>
/// <param name="BrokerUrl">Whose it is, with a trailing slash.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
/// <param name="WalletAddress">Null for an actor without a wallet.</param>
internal sealed record StoredSession(
    [property: JsonPropertyName("broker_url")] string BrokerUrl,
    [property: JsonPropertyName("session_jwt")] string Token,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("wallet_address")] string? WalletAddress,
    [property: JsonPropertyName("identity_type")] string IdentityType,
    [property: JsonPropertyName("identity_value")] string IdentityValue)
{
    public DateTimeOffset EndsAt => DateTimeOffset.FromUnixTimeSeconds(ExpiresAt);

    public override string ToString() => $"{IdentityType} {IdentityValue}";
}

[JsonSerializable(typeof(StoredSession))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, WriteIndented = true)]
internal sealed partial class SessionJson : JsonSerializerContext;
