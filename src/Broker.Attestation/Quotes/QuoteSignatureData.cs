namespace Broker.Attestation.Quotes;

/// <summary>
/// What follows the signed region: the quote's signature, the key that made it, and the proof that a quoting enclave
/// on a certified platform holds that key.
/// </summary>
public sealed record QuoteSignatureData
{
    /// <summary>ECDSA P-256 over the signed region: r then s, 32 bytes each, big-endian.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>The attestation key: x then y, 32 bytes each, big-endian.</summary>
    public required ReadOnlyMemory<byte> AttestationKey { get; init; }

    /// <summary>The quoting enclave's own report; its report data is the hash of the attestation key.</summary>
    public required EnclaveReport QeReport { get; init; }

    /// <summary>ECDSA P-256 over <see cref="QeReport"/> by the platform's PCK: r then s.</summary>
    public required ReadOnlyMemory<byte> QeReportSignature { get; init; }

    /// <summary>Hashed into the QE report's data together with the attestation key; any length up to 65535.</summary>
    public required ReadOnlyMemory<byte> QeAuthenticationData { get; init; }

    public required CertificationDataType CertificationDataType { get; init; }

    /// <summary>
    /// For <see cref="CertificationDataType.PckCertificateChain"/> PEM text, often with a NUL at its end.
    /// </summary>
    public required ReadOnlyMemory<byte> CertificationData { get; init; }
}
