namespace Broker.Attestation.Quotes;

/// <summary>Which kind of trusted execution environment a quote speaks for: header offset 4, little-endian.</summary>
public enum TeeType : uint
{
    /// <summary>An SGX enclave. Version 3 quotes leave these bytes zero.</summary>
    Sgx = 0x00,

    /// <summary>A TDX trust domain.</summary>
    Tdx = 0x81,
}

/// <summary>
/// What the signed body of a quote holds. Version 5 names it; earlier versions imply it by the TEE type.
/// </summary>
public enum QuoteBodyType : ushort
{
    /// <summary>An SGX enclave report, 384 bytes.</summary>
    EnclaveReport = 1,

    /// <summary>A TD report of TDX 1.0, 584 bytes.</summary>
    TdReport10 = 2,

    /// <summary>A TD report of TDX 1.5, 648 bytes: adds the current module SVN and the service TD hash.</summary>
    TdReport15 = 3,

    /// <summary>A TD report of TDX 1.5 with the extension, 885 bytes.</summary>
    TdReport15Extended = 4,
}

/// <summary>
/// How a quote proves the platform behind it: the certification data types of Intel's DCAP quote format.
/// </summary>
public enum CertificationDataType : ushort
{
    /// <summary>PPID in clear, CPUSVN, PCESVN.</summary>
    PpidClear = 1,

    /// <summary>PPID encrypted with RSA-2048-OAEP, CPUSVN, PCESVN, PCEID.</summary>
    PpidRsa2048 = 2,

    /// <summary>PPID encrypted with RSA-3072-OAEP, CPUSVN, PCESVN, PCEID.</summary>
    PpidRsa3072 = 3,

    /// <summary>The PCK leaf certificate, PEM.</summary>
    PckLeafCertificate = 4,

    /// <summary>The PCK chain, PEM: leaf, intermediate, root.</summary>
    PckCertificateChain = 5,

    /// <summary>
    /// A QE report with its own certification data; the outer wrapper of every version 4 and 5 quote.
    /// </summary>
    QeReport = 6,
}
