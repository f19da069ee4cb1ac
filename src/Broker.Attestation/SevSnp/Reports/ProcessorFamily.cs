namespace Broker.Attestation.SevSnp.Reports;

/// <summary>
/// The families of AMD processors that have a root of their own, named as AMD's key service names them.
/// </summary>
public enum ProcessorFamily
{
    /// <summary>EPYC 7003.</summary>
    Milan,

    /// <summary>EPYC 9004 and 8004, with Bergamo and Siena.</summary>
    Genoa,

    /// <summary>EPYC 9005.</summary>
    Turin,
}

/// <summary>Which family a processor is of.</summary>
public static class ProcessorFamilies
{
    /// <summary>By the values of CPUID that reports carry since version 3; null for any other processor.</summary>
    public static ProcessorFamily? FromCpuid(byte family, byte model) => (family, model) switch
    {
        (0x19, <= 0x0f) => ProcessorFamily.Milan,
        (0x19, (>= 0x10 and <= 0x1f) or (>= 0xa0 and <= 0xaf)) => ProcessorFamily.Genoa,
        (0x1a, <= 0x11) => ProcessorFamily.Turin,
        _ => null,
    };

    /// <summary>
    /// By a leaf's product name, such as <c>Milan-B0</c>. What follows the dash is a stepping, which is unreliable.
    /// </summary>
    public static ProcessorFamily? FromProductName(string name) => name.Split('-', 2)[0] switch
    {
        "Milan" => ProcessorFamily.Milan,
        "Genoa" => ProcessorFamily.Genoa,
        "Turin" => ProcessorFamily.Turin,
        _ => null,
    };
}
