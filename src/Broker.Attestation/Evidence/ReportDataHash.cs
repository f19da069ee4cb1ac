namespace Broker.Attestation.Evidence;

/// <summary>How a binding becomes report data (kms-protocol §5.2).</summary>
public enum ReportDataHash
{
    Sha512,
    Sha256,
    Sha384,
    Sha3_256,
    Sha3_384,
    Sha3_512,

    /// <summary>The original Keccak padding, as Ethereum has it; not SHA-3.</summary>
    Keccak256,
    Keccak384,
    Keccak512,

    /// <summary>The content itself, which then has 64 bytes; the tag plays no part.</summary>
    Raw,
}

/// <summary>The names that the wire uses for a <see cref="ReportDataHash"/>.</summary>
public static class ReportDataHashNames
{
    /// <summary>Reads a name; the empty one means SHA-512, an unknown one answers null.</summary>
    public static ReportDataHash? Parse(string name) => name switch
    {
        "" or "sha512" => ReportDataHash.Sha512,
        "sha256" => ReportDataHash.Sha256,
        "sha384" => ReportDataHash.Sha384,
        "sha3-256" => ReportDataHash.Sha3_256,
        "sha3-384" => ReportDataHash.Sha3_384,
        "sha3-512" => ReportDataHash.Sha3_512,
        "keccak256" => ReportDataHash.Keccak256,
        "keccak384" => ReportDataHash.Keccak384,
        "keccak512" => ReportDataHash.Keccak512,
        "raw" => ReportDataHash.Raw,
        _ => null,
    };
}
