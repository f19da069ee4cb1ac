using System.Globalization;
using System.Text;
using Broker.Cryptography;

namespace Broker.SignIn.Wallet;

/// <summary>
/// A Sign-In with Ethereum message (EIP-4361): the text a wallet shows to its owner and signs. Lines are joined by LF
/// and the last has none:
/// <code>
/// [scheme://]domain wants you to sign in with your Ethereum account:
/// address
///
/// [statement LF]
/// URI: uri
/// Version: 1
/// Chain ID: number
/// Nonce: at least 8 letters and digits
/// Issued At: time
/// [Expiration Time: time]
/// [Not Before: time]
/// [Request ID: text]
/// [Resources:
/// - uri …]
/// </code>
/// For every message that <see cref="SiweParser"/> accepts, <see cref="Format"/> prints the very text that was parsed.
/// </summary>
internal sealed record SiweMessage
{
    public const string Version = "1";

    /// <summary>Null when the message does not say; then the scheme is meant to be https.</summary>
    public string? Scheme { get; init; }

    /// <summary>An authority (RFC 3986 §3.2) that is not empty: host, and port and user where stated.</summary>
    public required string Domain { get; init; }

    public required EthereumAddress Address { get; init; }

    /// <summary>Whether the address is written with the checksum of EIP-55, or all in lower case.</summary>
    public bool AddressIsChecksummed { get; init; }

    /// <summary>Null when absent; never empty, never more than one line.</summary>
    public string? Statement { get; init; }

    /// <summary>What the signing in is for (RFC 3986 §3).</summary>
    public required string Uri { get; init; }

    /// <summary>The chain of EIP-155 to which the session is bound.</summary>
    public required ulong ChainId { get; init; }

    /// <summary>At least 8 ASCII letters and digits.</summary>
    public required string Nonce { get; init; }

    public required SiweTime IssuedAt { get; init; }

    public SiweTime? ExpirationTime { get; init; }

    public SiweTime? NotBefore { get; init; }

    /// <summary>Null when absent, and possibly empty when present.</summary>
    public string? RequestId { get; init; }

    /// <summary>Null when absent, and possibly empty when present: the grammar tells the two apart.</summary>
    public IReadOnlyList<string>? Resources { get; init; }

    /// <summary>
    /// The message that this server hands out for signing. Because the server keeps the text and recovers the signer
    /// over exactly that text, domain, nonce and URI are bound without reading anything the client sends back.
    /// </summary>
    /// <param name="issuer">The issuer's URL; its host, and port where it is not the scheme's own, become the
    /// domain.</param>
    /// <param name="address">Printed in lower case.</param>
    /// <param name="chainId">The chain that the client asked for.</param>
    /// <param name="nonce">32 hex digits from the random generator.</param>
    /// <param name="issuedAt">Printed in UTC, in whole seconds.</param>
    /// <param name="lifetime">After which the message is void.</param>
    /// <param name="clientId">The client on whose behalf identities are derived; <c>agentkeys</c> by default.</param>
    public static SiweMessage ForSignIn(
        Uri issuer,
        EthereumAddress address,
        ulong chainId,
        string nonce,
        DateTimeOffset issuedAt,
        TimeSpan lifetime,
        string clientId) => new()
        {
            Domain = issuer.Authority,
            Address = address,
            Statement = "Authenticate with AgentKeys broker.",
            // As it was configured: the parsed form would add a slash to a bare host.
            Uri = issuer.OriginalString,
            ChainId = chainId,
            Nonce = nonce,
            IssuedAt = SiweTime.At(issuedAt),
            ExpirationTime = SiweTime.At(issuedAt + lifetime),
            Resources = [ClientResource.Of(clientId)],
        };

    /// <summary>
    /// The text to be signed. Its UTF-8 bytes are ASCII, whatever the fields are, once it has been parsed.
    /// </summary>
    public string Format()
    {
        var text = new StringBuilder(512);
        if (Scheme is not null) text.Append(Scheme).Append("://");
        text.Append(Domain).Append(SiweParser.Preamble).Append('\n')
            .Append(AddressIsChecksummed ? Address.ToChecksummedString() : Address.ToString()).Append("\n\n");
        if (Statement is not null) text.Append(Statement).Append('\n');
        text.Append('\n')
            .Append(SiweParser.UriLabel).Append(Uri).Append('\n')
            .Append(SiweParser.VersionLabel + Version).Append('\n')
            .Append(CultureInfo.InvariantCulture, $"{SiweParser.ChainIdLabel}{ChainId}\n")
            .Append(SiweParser.NonceLabel).Append(Nonce).Append('\n')
            .Append(SiweParser.IssuedAtLabel).Append(IssuedAt.Text);
        if (ExpirationTime is { } end) text.Append('\n').Append(SiweParser.ExpirationTimeLabel).Append(end.Text);
        if (NotBefore is { } start) text.Append('\n').Append(SiweParser.NotBeforeLabel).Append(start.Text);
        if (RequestId is not null) text.Append('\n').Append(SiweParser.RequestIdLabel).Append(RequestId);
        if (Resources is not null)
        {
            text.Append('\n').Append(SiweParser.ResourcesLabel);
            foreach (var resource in Resources) text.Append('\n').Append(SiweParser.ResourceMark).Append(resource);
        }

        return text.ToString();
    }

    public override string ToString() => Format();
}
