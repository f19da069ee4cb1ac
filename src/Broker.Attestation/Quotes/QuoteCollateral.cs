namespace Broker.Attestation.Quotes;

/// <summary>
/// Everything that judging a quote needs besides the quote and a root: revocation lists, TCB info and QE identity,
/// with the chains of their signers. The fields are those of dcap-qvl's <c>QuoteCollateralV3</c>.
/// Nothing in it is trusted: it is signed, and verification checks each signature.
/// </summary>
public sealed record QuoteCollateral
{
    /// <summary>PEM: PCK CA, root. Redundant when the quote carries its chain.</summary>
    public required string PckCrlIssuerChain { get; init; }

    /// <summary>DER.</summary>
    public required ReadOnlyMemory<byte> RootCaCrl { get; init; }

    /// <summary>DER; of the CA that issued the platform's PCK certificate.</summary>
    public required ReadOnlyMemory<byte> PckCrl { get; init; }

    /// <summary>PEM: TCB signer, root.</summary>
    public required string TcbInfoIssuerChain { get; init; }

    /// <summary>
    /// The exact text of the <c>tcbInfo</c> object: its signature covers these characters and no others.
    /// </summary>
    public required string TcbInfo { get; init; }

    /// <summary>r then s, 64 bytes.</summary>
    public required ReadOnlyMemory<byte> TcbInfoSignature { get; init; }

    /// <summary>PEM: TCB signer, root.</summary>
    public required string QeIdentityIssuerChain { get; init; }

    /// <summary>The exact text of the <c>enclaveIdentity</c> object.</summary>
    public required string QeIdentity { get; init; }

    /// <summary>r then s, 64 bytes.</summary>
    public required ReadOnlyMemory<byte> QeIdentitySignature { get; init; }

    /// <summary>
    /// PEM: PCK leaf, PCK CA, root; for quotes of certification data types 1 to 4, which carry no chain. Ignored for
    /// type 5: the quote's own chain is the one that its QE report signature binds.
    /// </summary>
    public string? PckCertificateChain { get; init; }

    /// <summary>True when every field says the same, byte for byte.</summary>
    internal bool HasContentOf(QuoteCollateral other)
        => ReferenceEquals(this, other)
            || (PckCrlIssuerChain == other.PckCrlIssuerChain
                && RootCaCrl.Span.SequenceEqual(other.RootCaCrl.Span)
                && PckCrl.Span.SequenceEqual(other.PckCrl.Span)
                && TcbInfoIssuerChain == other.TcbInfoIssuerChain
                && TcbInfo == other.TcbInfo
                && TcbInfoSignature.Span.SequenceEqual(other.TcbInfoSignature.Span)
                && QeIdentityIssuerChain == other.QeIdentityIssuerChain
                && QeIdentity == other.QeIdentity
                && QeIdentitySignature.Span.SequenceEqual(other.QeIdentitySignature.Span)
                && PckCertificateChain == other.PckCertificateChain);
}
