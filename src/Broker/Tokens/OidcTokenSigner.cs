using System.Buffers;
using System.Text;
using System.Text.Json;
using Broker.Foundation;
using Broker.Issuer;
using Broker.Ledger;
using Broker.Releases;
using Broker.SigningKeys;

namespace Broker.Tokens;

/// <summary>
/// Signs OIDC tokens (contract §3.2): <c>jti</c> is the ledger's record id. Those for AWS are ES256 and have session
/// tags under <c>https://aws.amazon.com/tags</c>; those for others have neither tags nor roles of AWS, and the
/// algorithm that their audience accepts.
/// </summary>
internal sealed class OidcTokenSigner(OidcKeys keys, IssuerOptions issuer, TokenOptions options)
{
    // Where claims are written before they are encoded: kept for the next token of the thread.
    [ThreadStatic]
    private static Tuple<ArrayBufferWriter<byte>, Utf8JsonWriter>? t_scratch;

    private readonly RingWriter _es256 = new(keys.Es256);
    private readonly RingWriter? _rs256 = keys.Rs256 is { } ring ? new RingWriter(ring) : null;

    /// <summary>
    /// Writes with the key that signs now for this audience. A release takes it along, so that its entry names its key.
    /// </summary>
    /// <exception cref="InvalidOperationException">The audience needs a key that is not there.</exception>
    public JwsWriter WriterFor(string audience) => options.Audiences.Find(audience)?.Algorithm == Rs256Key.Name
        ? (_rs256 ?? throw new InvalidOperationException("internal error: there is no RS256 key")).Writer
        : _es256.Writer;

    /// <summary>Signs what the ledger holds, once.</summary>
    public SignedToken Sign(RecordedRelease<OidcTokenRelease> recorded)
    {
        var (mint, writer) = recorded.Redeem();
        return new SignedToken(Write(writer, mint, (int)mint.Lifetime.TotalSeconds));
    }

    /// <summary>
    /// A token that goes to STS in this very call and nowhere else; what STS gives for it is recorded before it leaves.
    /// It is pinned to the one role and lives as long as STS may take.
    /// </summary>
    public WebIdentityToken SignForExchange(ApprovedMint mint) => new(
        Encoding.ASCII.GetString(Write(_es256.Writer, mint, WebIdentityToken.LifetimeSeconds)));

    /// <summary>What a dry run shows of the token that would be granted.</summary>
    public void WriteGrant(Utf8JsonWriter json, ApprovedMint mint)
    {
        json.WriteString("wallet"u8, mint.Caller.WalletOrActor);
        json.WriteNumber("ttl_seconds"u8, (int)mint.Lifetime.TotalSeconds);
        json.WritePropertyName("claims"u8);
        WriteClaims(json, mint, (int)mint.Lifetime.TotalSeconds);
    }

    private byte[] Write(JwsWriter writer, ApprovedMint mint, int lifetimeSeconds)
    {
        var (payload, json) = t_scratch ??= MakeScratch();
        payload.ResetWrittenCount();
        json.Reset(payload);
        WriteClaims(json, mint, lifetimeSeconds);
        json.Flush();
        return writer.WriteAscii(payload.WrittenSpan);
    }

    private static Tuple<ArrayBufferWriter<byte>, Utf8JsonWriter> MakeScratch()
    {
        var payload = new ArrayBufferWriter<byte>(1024);
        return Tuple.Create(payload, new Utf8JsonWriter(payload, StrictJson.WriterOptions));
    }

    /// <summary>The claims, in the order of the contract; a dry run shows the same.</summary>
    public void WriteClaims(Utf8JsonWriter json, ApprovedMint mint, int lifetimeSeconds)
    {
        var issuedAt = mint.IssuedAt.ToUnixTimeSeconds();
        json.WriteStartObject();
        json.WriteString("iss"u8, issuer.Issuer);
        json.WriteString("sub"u8, mint.Subject);
        json.WriteString("aud"u8, mint.Audience);
        json.WriteNumber("iat"u8, issuedAt);
        json.WriteNumber("exp"u8, issuedAt + lifetimeSeconds);
        json.WriteString("jti"u8, mint.RecordId.ToString());
        foreach (var (key, value) in mint.Tags) json.WriteString(key, value);
        if (mint.GrantId is { } grant) json.WriteString("agentkeys_grant_id"u8, grant);
        mint.Caller.Acting?.Write(json);
        if (mint.Audience == Audiences.Aws) WriteAwsClaims(json, mint);
        json.WriteEndObject();
    }

    private void WriteAwsClaims(Utf8JsonWriter json, ApprovedMint mint)
    {
        json.WriteStartObject("https://aws.amazon.com/tags"u8);
        json.WriteStartObject("principal_tags"u8);
        foreach (var (key, value) in mint.Tags)
        {
            json.WriteStartArray(key);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartArray("transitive_tag_keys"u8);
        foreach (var (key, _) in mint.Tags) json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteEndObject();

        if (options.EmitSourceIdentity)
            json.WriteString("https://aws.amazon.com/source_identity"u8, mint.Caller.WalletOrActor);
        if (mint.Role is { } role)
        {
            json.WriteStartArray("https://aws.amazon.com/roles"u8);
            json.WriteStringValue(role.Arn.Text);
            json.WriteEndArray();
        }
    }

    /// <summary>The writer of a ring, made anew when another key signs.</summary>
    private sealed class RingWriter(KeyRing ring)
    {
        private volatile JwsWriter _newest = new(ring.Signing, "JWT");

        public JwsWriter Writer
        {
            get
            {
                var writer = _newest;
                if (writer.Key != ring.Signing) _newest = writer = new JwsWriter(ring.Signing, "JWT");
                return writer;
            }
        }
    }
}

/// <summary>A token that was signed, as the ASCII that leaves.</summary>
internal sealed class SignedToken(byte[] ascii)
{
    public ReadOnlySpan<byte> Ascii => ascii;

    /// <summary>The token as text.</summary>
    public string Reveal() => Encoding.ASCII.GetString(ascii);

    public override string ToString() => "<token>";
}

/// <summary>An OIDC token for the broker's own call to STS. Its text is read by the STS client only.</summary>
internal sealed class WebIdentityToken(string text)
{
    /// <summary>STS wants at least a minute left (<c>aws-facts</c>); the call itself takes seconds.</summary>
    public const int LifetimeSeconds = 300;

    public string Text { get; } = text;

    public override string ToString() => "<web identity token>";
}
