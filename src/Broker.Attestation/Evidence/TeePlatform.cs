namespace Broker.Attestation.Evidence;

/// <summary>The kinds of machine that dstack attests, in the order of their SCALE tags.</summary>
public enum TeePlatform
{
    Tdx = 0,
    GcpTdx = 1,
    NitroEnclave = 2,
    AmdSevSnp = 3,
    AwsNitroTpm = 4,
}

/// <summary>The names by which the wire knows a <see cref="TeePlatform"/>.</summary>
public static class TeePlatformNames
{
    /// <summary>The value of <c>teeVariant</c> towards the authorisation webhook.</summary>
    public static string Variant(this TeePlatform platform) => platform switch
    {
        TeePlatform.Tdx => "dstack-tdx",
        TeePlatform.GcpTdx => "dstack-gcp-tdx",
        TeePlatform.NitroEnclave => "dstack-nitro-enclave",
        TeePlatform.AmdSevSnp => "dstack-amd-sev-snp",
        TeePlatform.AwsNitroTpm => "dstack-aws-nitro-tpm",
        _ => throw new ArgumentOutOfRangeException(nameof(platform)),
    };

    /// <summary>Said of a document that is well known and not verified here.</summary>
    internal static string Unsupported(TeePlatform platform)
        => $"unsupported attestation platform: {platform.Variant()} (verified are {TeePlatform.Tdx.Variant()} and"
        + $" {TeePlatform.AmdSevSnp.Variant()})";

    /// <summary>Whether evidence of such machines is verified here.</summary>
    internal static bool IsVerified(this TeePlatform platform)
        => platform is TeePlatform.Tdx or TeePlatform.AmdSevSnp;

    internal static TeePlatform? FromWireKind(string kind) => kind switch
    {
        "tdx" => TeePlatform.Tdx,
        "gcp-tdx" => TeePlatform.GcpTdx,
        "nitro-enclave" => TeePlatform.NitroEnclave,
        "sev-snp" => TeePlatform.AmdSevSnp,
        "aws-nitro-tpm" => TeePlatform.AwsNitroTpm,
        _ => null,
    };
}
