namespace Broker.Attestation.Quotes;

/// <summary>
/// Why a quote was not verified. The set is closed, and <see cref="QuoteRefusal.Code"/> gives each member its stable
/// name (<c>PckCrlExpired</c> is <c>PCK_CRL_EXPIRED</c>). The order is the order in which verification decides.
/// </summary>
public enum QuoteRefusalReason
{
    /// <summary>Collateral is absent or not in its encoding.</summary>
    Input,

    /// <summary>Lengths that do not add up, or bytes that end early.</summary>
    QuoteMalformed,

    /// <summary>A version, key type, TEE, vendor, body type or certification type that is not verified here.</summary>
    QuoteUnsupported,

    RootCert,
    RootCertNotYetValid,
    RootCertExpired,
    RootCertRevoked,
    RootCrlMalformed,
    RootCrlIssuer,
    RootCrlSignature,
    RootCrlNotYetValid,
    RootCrlExpired,

    TcbSignerChain,
    TcbSignerCert,
    TcbSignerCertNotYetValid,
    TcbSignerCertExpired,
    TcbSignerCertRevoked,
    TcbInfoSignature,

    /// <summary>The TCB info is signed, but not of the schema.</summary>
    TcbInfo,

    /// <summary>The TCB info is for another TEE, format version, FMSPC or PCE.</summary>
    TcbInfoMismatch,
    TcbInfoNotYetValid,
    TcbInfoExpired,

    QeSignerChain,
    QeSignerCert,
    QeSignerCertNotYetValid,
    QeSignerCertExpired,
    QeSignerCertRevoked,
    QeIdentitySignature,

    /// <summary>The QE identity is signed, but not of the schema.</summary>
    QeIdentity,

    /// <summary>The QE identity is for another enclave than the one that made the QE report.</summary>
    QeIdentityMismatch,
    QeIdentityNotYetValid,
    QeIdentityExpired,

    PckChain,
    PckCert,
    PckCertNotYetValid,
    PckCertExpired,
    PckCertRevoked,
    PckCaCert,
    PckCaCertNotYetValid,
    PckCaCertExpired,
    PckCaCertRevoked,
    PckCrlMalformed,
    PckCrlIssuer,
    PckCrlSignature,
    PckCrlNotYetValid,
    PckCrlExpired,

    /// <summary>The PCK certificate's SGX extension is absent or not of its shape.</summary>
    PckExtension,

    QeReportSignature,

    /// <summary>The QE report does not bind the attestation key.</summary>
    QeReportData,
    QuoteSignature,
    TdxModuleMismatch,

    /// <summary>The platform, its TDX module or its QE is below every TCB level that Intel lists.</summary>
    TcbNotSupported,

    /// <summary>The platform, its TDX module or its QE is at a TCB level that Intel has revoked.</summary>
    TcbRevoked,

    /// <summary>The host can read the memory of this trust domain.</summary>
    TdDebug,
    TdAttributes,
    TdServiceTd,

    /// <summary>The host can read the memory of this enclave.</summary>
    SgxDebug,
}
