namespace Broker.Attestation.SevSnp.Reports;

/// <summary>
/// Why SEV-SNP evidence was not verified. The set is closed, and <see cref="SnpRefusal.Code"/> gives each member its
/// stable name (<c>CrlIssuer</c> is <c>CRL_ISSUER</c>). The order is the order in which verification decides.
/// </summary>
public enum SnpRefusalReason
{
    ReportLength,
    ReportVersion,

    /// <summary>The report is not signed with ECDSA P-384 and SHA-384.</summary>
    SignatureAlgorithm,

    /// <summary>Bytes that AMD reserves are not zero. That covers the unsigned end of the report.</summary>
    ReportReserved,

    /// <summary>The report's key is neither a VCEK nor, where it is allowed, a VLEK.</summary>
    SigningKey,

    /// <summary>The host masks the chip's key, so nothing signed this report.</summary>
    MaskChipKey,

    /// <summary>A processor whose root is not known here.</summary>
    Product,

    /// <summary>The certificates do not have the form of a kernel's table.</summary>
    CertTable,

    /// <summary>No leaf or no intermediate certificate.</summary>
    CollateralMissing,
    CertMalformed,
    ChainName,
    ChainAlgorithm,
    ChainKey,
    ChainConstraints,
    ChainValidity,
    ChainSignature,
    LeafName,
    LeafKey,
    CrlMissing,
    CrlMalformed,
    CrlIssuer,
    CrlSignature,
    CrlValidity,

    /// <summary>The root has revoked the intermediate.</summary>
    Revoked,

    /// <summary>An AMD extension of the leaf is absent or not of its form.</summary>
    LeafExtensions,
    ProductMismatch,

    /// <summary>The leaf certifies other firmware levels than the report names.</summary>
    TcbMismatch,

    /// <summary>The leaf is for another chip than the report names.</summary>
    ChipIdMismatch,
    ReportSignature,

    /// <summary>The host can read the memory of this guest.</summary>
    PolicyDebug,
    PolicyMigration,
    PolicyReserved,
    Vmpl,
    PlatformSmt,
    PlatformRapl,
    PlatformCiphertextHiding,

    /// <summary>Not reported ≤ committed ≤ current in every component.</summary>
    TcbOrder,
    TcbBelowMinimum,
    ReportDataMismatch,

    /// <summary>The report is from another chip than the caller expects.</summary>
    ChipIdExpected,

    VmConfigMalformed,
    OsImageHashMissing,
    MrConfigMissing,
    HostDataMismatch,
    MrConfigMalformed,
    SnpMeasurementMissing,
    SnpMeasurementMalformed,
    OsImageHashMismatch,

    /// <summary>The image's checksum file does not list the measured material exactly once.</summary>
    ChecksumFile,
    MeasurementMaterialMismatch,
    MeasurementMaterialMalformed,

    /// <summary>What the machine was launched with is outside what can be measured here.</summary>
    LaunchInputs,
    MeasurementMismatch,
}
