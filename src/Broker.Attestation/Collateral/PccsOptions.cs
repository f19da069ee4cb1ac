namespace Broker.Attestation.Collateral;

/// <summary>A collateral service: a PCCS (a caching proxy, of any operator) or Intel's PCS itself.</summary>
public sealed record PccsOptions
{
    /// <summary>
    /// Intel's own service. It has no root CRL route, so its root CRL comes from Intel's certificate host.
    /// </summary>
    public static PccsOptions Intel { get; } = new()
    {
        Address = new Uri("https://api.trustedservices.intel.com"),
        RootCrlAddress = new Uri("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"),
    };

    /// <summary>
    /// Scheme and host; <c>/sgx/certification/v4/…</c> and <c>/tdx/certification/v4/…</c> lie below it.
    /// </summary>
    public required Uri Address { get; init; }

    /// <summary>Where the root CRL is; null for a PCCS, which serves it. Never taken from a certificate.</summary>
    public Uri? RootCrlAddress { get; init; }

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
