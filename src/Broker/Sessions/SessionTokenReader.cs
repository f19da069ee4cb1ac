using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Issuer;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Sessions;

/// <summary>
/// Verifies session tokens, in the broker and in a process that has the public halves of its keys. Whether a session was
/// ended before its time, a token does not tell.
/// </summary>
internal sealed class SessionTokenReader(ISessionVerifier keys, IssuerOptions issuer, TimeProvider time)
{
    /// <summary>
    /// Verifies a token: form, header (<c>alg</c>, <c>typ</c> and <c>kid</c> exactly ours), signature, <c>iss</c>,
    /// <c>aud</c>, <c>exp</c>, and the identity. Every failure looks the same from outside but for expiry.
    /// </summary>
    public Result<VerifiedSession> Verify(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3) return Invalid("it is not a session token");
        if (!TryDecode(parts[0], out var header) || !TryDecode(parts[1], out var payload)
            || !TryDecode(parts[2], out var signature))
            return Invalid("it is not base64url");
        if (KeyIdOf(header) is not { } keyId || !keys.Knows(keyId))
            return Invalid("its header is not that of a session token of this broker");
        if (!keys.Verify(keyId, Encoding.ASCII.GetBytes(token, 0, parts[0].Length + 1 + parts[1].Length), signature))
            return Invalid("its signature is wrong");
        return ReadClaims(payload, keyId);
    }

    /// <summary>The id of the key that the header names; null where the header is not ours.</summary>
    private static string? KeyIdOf(byte[] header)
    {
        try
        {
            using var document = StrictJson.Parse(header);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && Text(root, "alg") == "ES256" && Text(root, "typ") == SessionTokens.Type
                && !root.TryGetProperty("crit", out _)
                ? Text(root, "kid")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Result<VerifiedSession> ReadClaims(byte[] payload, string keyId)
    {
        using var document = StrictJson.Parse(payload);
        var root = document.RootElement;
        var (audience, client) = (Text(root, "aud"), Text(root, "client_id"));
        if (Text(root, "iss") != issuer.Issuer || (audience != SessionTokens.Audience && (audience is null || client is null)))
            return Invalid("it is for another issuer or audience");
        if (!root.TryGetProperty("exp", out var exp) || !exp.TryGetInt64(out var seconds))
            return Invalid("it has no expiry");
        var until = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (until <= time.GetUtcNow())
            return new Refusal(SessionRefusals.SessionExpired, "expired: the session token is no longer valid");
        string? key = null;
        if (root.TryGetProperty("cnf", out var confirmation) && (key = Text(confirmation, "jkt")) is null)
            return Invalid("it is bound to something unknown");
        if (Text(root, "jti") is not { } id || !root.TryGetProperty("agentkeys", out var identity))
            return Invalid("it names nobody");
        if (!ActorOmni.TryParse(Text(identity, "omni_account"), out var omni)) return Invalid("it names nobody");

        EthereumAddress? wallet = null;
        if (Text(identity, "wallet_address") is { Length: > 0 } address)
        {
            if (!EthereumAddress.TryParse(address, out var parsed)) return Invalid("its wallet is malformed");
            wallet = parsed;
        }

        var who = new SessionIdentity(
            omni, wallet, Text(identity, "identity_type") ?? "", Text(identity, "identity_value") ?? "")
        {
            Key = key,
            Terms = client is null
                ? null
                : new SessionTerms(client, Text(root, "scope") ?? "", audience == SessionTokens.Audience ? null : audience),
        };
        var issuedAt = root.TryGetProperty("iat", out var iat) && iat.TryGetInt64(out var began)
            ? DateTimeOffset.FromUnixTimeSeconds(began)
            : default;
        if (who.Type == AgentLineage.IdentityType)
        {
            if (ReadLineage(identity) is not { } agent) return Invalid("it names no parent, path or device");
            who = who with { Agent = agent };
        }

        if (root.TryGetProperty("act", out var act) | identity.TryGetProperty("sources", out var sources))
        {
            if (ReadDerivation(act, sources, Text(identity, "role")) is not { } derived)
                return Invalid("it does not say where it comes from");
            who = who with { Derivation = derived };
        }

        if (who.Type == Workload.IdentityType)
        {
            if (Workload.Of(who.Value, Text(identity, "rule")) is not { } workload) return Invalid("it names no rule");
            who = who with { Workload = workload };
        }

        return new VerifiedSession(id, who, until) { IssuedAt = issuedAt, KeyId = keyId };
    }

    private static Derivation? ReadDerivation(JsonElement act, JsonElement sources, string? role)
    {
        if (sources.ValueKind != JsonValueKind.Array
            || sources.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String))
            return null;
        var agent = act.ValueKind == JsonValueKind.Undefined ? null : ActingAgent.Read(act);
        return act.ValueKind == JsonValueKind.Undefined || agent is not null
            ? new Derivation([.. sources.EnumerateArray().Select(one => one.GetString()!)], role) { Acting = agent }
            : null;
    }

    private static AgentLineage? ReadLineage(JsonElement identity) =>
        ActorOmni.TryParse(Text(identity, "parent_omni"), out var parent)
        && Text(identity, "derivation_path") is { Length: > 0 } path
        && EthereumAddress.TryParse(Text(identity, "device_pubkey"), out var device)
            ? new AgentLineage(parent, path, device)
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static bool TryDecode(string part, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(part, out var length)) return false;
        var buffer = new byte[length];
        if (Base64Url.DecodeFromChars(part, buffer, out _, out var written) != OperationStatus.Done
            || written != length)
            return false;
        // One token, one text: an encoding that decodes to the same bytes but reads otherwise is not the token we
        // issued.
        if (!part.AsSpan().SequenceEqual(Base64Url.EncodeToString(buffer))) return false;
        bytes = buffer;
        return true;
    }

    private static Refusal Invalid(string why) =>
        new(SessionRefusals.InvalidBearer, $"the session token was not accepted: {why}");
}

/// <summary>A session token that verified.</summary>
/// <param name="TokenId">The <c>jti</c>.</param>
internal sealed record VerifiedSession(string TokenId, SessionIdentity Identity, DateTimeOffset ValidUntil)
{
    /// <summary>The <c>iat</c>; long ago where the token has none.</summary>
    public DateTimeOffset IssuedAt { get; init; }

    /// <summary>The <c>kid</c> of the key that signed it; null where it was never a token.</summary>
    public string? KeyId { get; init; }
}
