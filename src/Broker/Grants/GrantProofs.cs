using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Issuer;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Grants;

/// <summary>
/// Signs audit proofs (contract §3.4): whoever edits the row of a grant cannot make its proof say the same. The session
/// key signs (contract §3.1), not the OIDC key: a proof lives as long as its grant, while an OIDC key leaves the JWKS
/// an hour after it has signed last, and whatever the OIDC key signs is a token to relying parties. An auditor has its
/// public half from <c>--export-session-pubkey-to</c>. The type <c>JWT</c> and the audience keep a proof from passing
/// as a session token.
/// </summary>
internal sealed class GrantProofs(SessionKeys keys, IssuerOptions issuer)
{
    public const string Audience = "agentkeys:audit-proof";

    private readonly SessionKeyWriter _writer = new(keys, "JWT");

    /// <summary>Signs what the ledger holds.</summary>
    public string Sign(RecordedRelease<GrantRelease> recorded)
    {
        var release = recorded.Redeem();
        var terms = release.Terms;
        var payload = new ArrayBufferWriter<byte>(768);
        using (var json = new Utf8JsonWriter(payload, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, issuer.Issuer);
            json.WriteString("sub"u8, GrantRelease.SubjectOf(release.GrantId));
            json.WriteString("aud"u8, Audience);
            json.WriteNumber("iat"u8, release.GrantedAt.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, terms.ExpiresAt.ToUnixTimeSeconds());
            json.WriteStartObject("agentkeys"u8);
            json.WriteString("kind"u8, "grant"u8);
            json.WriteString("grant_id"u8, release.GrantId);
            json.WriteString("master_omni_account"u8, terms.Master.ToString());
            json.WriteString("daemon_address"u8, terms.Daemon);
            json.WriteString("service"u8, terms.Service);
            json.WriteString("scope_path"u8, terms.ScopePath);
            json.WriteNumber("granted_at"u8, release.GrantedAt.ToUnixTimeSeconds());
            json.WriteNumber("expires_at"u8, terms.ExpiresAt.ToUnixTimeSeconds());
            json.WriteNumber("max_uses"u8, terms.MaxUses);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return _writer.Writer.Write(payload.WrittenSpan);
    }
}
