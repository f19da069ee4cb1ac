using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Issuer;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Sessions;
using Broker.SigningKeys;
using Broker.Tokens;

namespace Broker.OAuth.Delegations;

/// <summary>
/// ID tokens (OpenID Connect Core §2): for the client alone, so that no other relying party takes one. Recorded, then
/// signed.
/// </summary>
internal sealed class IssueIdToken(
    OidcTokenSigner signer, ReleaseLedger ledger, IssuerOptions issuer, TokenOptions tokens, TimeProvider time)
{
    /// <summary>Long enough to be read once.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <returns>Null for a client whose id is the name of another relying party: its token would pass there.</returns>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was signed.</exception>
    public async ValueTask<string?> RunAsync(Delegation delegation, IssuedSession session, string requestId)
    {
        if (tokens.Audiences.Find(delegation.Terms.ClientId) is not null) return null;
        var now = time.GetUtcNow();
        var release = new IdTokenRelease(
            RecordId.New(now), delegation, session.Token, now, Lifetime, signer.WriterFor(Audiences.Aws), requestId);
        var recorded = await ledger.RecordAsync(release, CancellationToken.None);
        return Sign(recorded.Redeem());
    }

    private string Sign(IdTokenRelease release)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(payload, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, issuer.Issuer);
            json.WriteString("sub"u8, release.Subject);
            json.WriteString("aud"u8, release.Delegation.Terms.ClientId);
            json.WriteNumber("iat"u8, release.IssuedAt.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (release.IssuedAt + release.Lifetime).ToUnixTimeSeconds());
            json.WriteString("jti"u8, release.RecordId.ToString());
            json.WriteNumber("auth_time"u8, release.Delegation.Since.ToUnixTimeSeconds());
            if (release.Delegation.Nonce is { } nonce) json.WriteString("nonce"u8, nonce);

            // OpenID Connect Core §3.1.3.6: the left half of the hash that goes with ES256.
            var hash = SHA256.HashData(Encoding.ASCII.GetBytes(release.AccessToken));
            json.WriteString("at_hash"u8, Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2)));
            json.WriteEndObject();
        }

        return release.Writer.Write(payload.WrittenSpan);
    }
}

/// <summary>An ID token on its way to the ledger, and the key that will sign it.</summary>
internal sealed record IdTokenRelease(
    RecordId RecordId, Delegation Delegation, string AccessToken, DateTimeOffset IssuedAt, TimeSpan Lifetime,
    JwsWriter Writer, string RequestId) : IRelease
{
    public static readonly EntryKind Kind = new("id_token");

    public string Subject => SessionTokenRelease.SubjectOf(Delegation.Person);

    public LedgerEntry ToEntry() => new()
    {
        RecordId = RecordId,
        MintedAt = IssuedAt,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = "id_token",
        Actor = Delegation.Person.OnRecord,
        Lifetime = Lifetime,
        Session = EntrySession.Of(Writer.Key.KeyId),
        Detail = Delegation.How,
        Subject = Subject,
        RequestId = RequestId,
        ExpiresAt = IssuedAt + Lifetime,
        Evidence = EntryEvidence.Of(("client_id", Delegation.Terms.ClientId), ("delegation", Delegation.Id)),
    };
}
