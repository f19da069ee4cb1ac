using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Issuer;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Sessions;

/// <summary>
/// Issues session tokens: ES256 JWS with <c>typ: at+jwt</c> (RFC 9068 §2.1), so that one never passes as
/// an OIDC token nor the reverse; claims of contract §3.3, <c>jti</c> being the ledger's record id.
/// <see cref="SessionTokenReader"/> verifies them.
/// </summary>
internal sealed class SessionTokens
{
    public const string Audience = "agentkeys:broker";
    public const string Type = "at+jwt";

    private readonly SessionKeyWriter _writer;
    private readonly string _issuer;

    public SessionTokens(SessionKeys keys, IssuerOptions issuer)
    {
        _writer = new SessionKeyWriter(keys, Type);
        _issuer = issuer.Issuer;
    }

    /// <summary>
    /// Writes with the key that signs now. A release takes it along, so that its entry names its key.
    /// </summary>
    public JwsWriter Writer => _writer.Writer;

    /// <summary>Signs what the ledger holds; there is no other way to a session token.</summary>
    public string Sign(RecordedRelease<SessionTokenRelease> recorded)
    {
        var release = recorded.Redeem();
        var payload = new ArrayBufferWriter<byte>(768);
        using (var json = new Utf8JsonWriter(payload, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, _issuer);
            json.WriteString("sub"u8, release.Subject);
            json.WriteString("aud"u8, release.Identity.Terms?.Resource ?? Audience);
            json.WriteNumber("iat"u8, release.IssuedAt.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, release.ExpiresAt.ToUnixTimeSeconds());
            json.WriteString("jti"u8, release.RecordId.ToString());
            if (release.Identity.Terms is { } terms)
            {
                json.WriteString("client_id"u8, terms.ClientId);
                if (terms.Scope.Length > 0) json.WriteString("scope"u8, terms.Scope);
            }

            if (release.Identity.Key is { } key)
            {
                json.WriteStartObject("cnf"u8);
                json.WriteString("jkt"u8, key);
                json.WriteEndObject();
            }

            release.Identity.Derivation?.Acting?.WriteOwn(json);
            json.WriteStartObject("agentkeys"u8);
            json.WriteString("omni_account"u8, release.Identity.Omni.ToString());
            json.WriteString("wallet_address"u8, release.Identity.Wallet?.ToString() ?? "");
            json.WriteString("identity_type"u8, release.Identity.Type);
            json.WriteString("identity_value"u8, release.Identity.Value);
            if (release.Identity.Agent is { } agent)
            {
                json.WriteString("parent_omni"u8, agent.Parent.ToString());
                json.WriteString("derivation_path"u8, agent.DerivationPath);
                json.WriteString("device_pubkey"u8, agent.Device.ToString());
            }

            if (release.Identity.Derivation is { } derived)
            {
                json.WriteStartArray("sources"u8);
                foreach (var source in derived.Sources) json.WriteStringValue(source);
                json.WriteEndArray();
                if (derived.Role is { } role) json.WriteString("role"u8, role);
            }

            if (release.Identity.Workload is { } workload) json.WriteString("rule"u8, workload.Rule);

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return release.Writer.Write(payload.WrittenSpan);
    }
}
