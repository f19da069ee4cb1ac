using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Broker.Cli.Client;

/// <summary>The bodies that brokers and this program exchange. Members that are not known are left alone.</summary>
[JsonSerializable(typeof(RefusalBody))]
[JsonSerializable(typeof(StartWalletBody))]
[JsonSerializable(typeof(WalletChallenge))]
[JsonSerializable(typeof(VerifyWalletBody))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(RequestMailBody))]
[JsonSerializable(typeof(StagedSignIn))]
[JsonSerializable(typeof(DeviceAuthorization))]
[JsonSerializable(typeof(AccessToken))]
[JsonSerializable(typeof(Discovery))]
[JsonSerializable(typeof(MintAwsBody))]
[JsonSerializable(typeof(AwsCredentials))]
[JsonSerializable(typeof(MintTokenBody))]
[JsonSerializable(typeof(OidcToken))]
[JsonSerializable(typeof(Roles))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(Rehearsal))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class ClientJson : JsonSerializerContext;

internal sealed record StartWalletBody(string Address);

internal sealed record WalletChallenge(string RequestId, string SiweMessage);

internal sealed record VerifyWalletBody(string RequestId, string Signature);

/// <summary>A session; or how far a sign-in is, where <see cref="Status"/> is not null.</summary>
/// <param name="ExpiresAt">Unix seconds.</param>
internal sealed record SignedIn(
    string? SessionJwt = null, long? ExpiresAt = null, string? OmniAccount = null, string? WalletAddress = null,
    string? IdentityType = null, string? IdentityValue = null, string? Status = null, string? Reason = null);

internal sealed record RequestMailBody(string Email, string? DeviceLabel);

/// <summary>A sign-in that a person confirms elsewhere.</summary>
internal sealed record StagedSignIn(string RequestId, int ExpiresInSeconds, string PollUrl, string CompareCode);

/// <summary>What of the discovery document is needed (RFC 8414 §2).</summary>
internal sealed record Discovery(string Issuer, Uri? TokenEndpoint = null, Uri? DeviceAuthorizationEndpoint = null);

/// <summary>RFC 8628 §3.2.</summary>
internal sealed record DeviceAuthorization(
    string DeviceCode, string UserCode, string VerificationUri, int ExpiresIn,
    string? VerificationUriComplete = null, int Interval = 5);

/// <summary>RFC 6749 §5.1.</summary>
internal sealed record AccessToken([property: JsonPropertyName("access_token")] string Token, int ExpiresIn);

internal sealed record MintAwsBody(string? Role, int? DurationSeconds, string? Reason);

/// <param name="Expiration">Unix seconds.</param>
internal sealed record AwsCredentials(
    string AccessKeyId, string SecretAccessKey, string SessionToken, long Expiration, string Wallet, string RoleArn,
    string AuditRecordId)
{
    public DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeSeconds(Expiration);

    public override string ToString() => AccessKeyId;
}

internal sealed record MintTokenBody(string? Role, int? TtlSeconds, string? Audience, string? Reason);

/// <param name="Expiration">Unix seconds.</param>
internal sealed record OidcToken(string Jwt, string Wallet, long Expiration, string AuditRecordId)
{
    public DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeSeconds(Expiration);
}

/// <summary>Answer of <c>GET /v1/roles</c>.</summary>
internal sealed record Roles(
    string ActorOmni, [property: JsonPropertyName("roles")] IReadOnlyList<Role> All, string? Wallet = null,
    int? MintsPerHour = null, long? MintsThisHour = null);

internal sealed record Role(
    string Name, string Arn, bool IsDefault, IReadOnlyList<string> Prefixes, string Region, int DurationSeconds,
    int MaxDurationSeconds, bool Granted, string? Bucket = null, string? Via = null, RoleRefusal? Refusal = null);

internal sealed record RoleRefusal(string Code, string Message, string NextStep);

/// <summary>Answer of a dry run of <c>POST /v1/mint-aws-creds</c>. What follows the checks is there where they hold.</summary>
/// <param name="Tags">Session tags.</param>
/// <param name="Claims">Of the web identity token, unsigned.</param>
internal sealed record Rehearsal(
    bool Granted, IReadOnlyList<RehearsedCheck> Checks, string? Wallet = null, string? Role = null,
    string? RoleArn = null, string? ViaRoleArn = null, int? DurationSeconds = null, string? StsMode = null,
    IReadOnlyDictionary<string, string>? Tags = null, JsonElement? SessionPolicy = null, JsonElement? Claims = null);

/// <param name="Check">Its name.</param>
/// <param name="Found">What it found, or why it refuses.</param>
internal sealed record RehearsedCheck(
    string Check, bool Passed, string Found, string? Code = null, string? NextStep = null);
