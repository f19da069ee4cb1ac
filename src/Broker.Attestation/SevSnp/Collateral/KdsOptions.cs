namespace Broker.Attestation.SevSnp.Collateral;

/// <summary>AMD's key distribution service, or a mirror of it.</summary>
public sealed record KdsOptions
{
    /// <summary>AMD's own, for VCEKs; the family follows directly.</summary>
    public const string Amd = "https://kdsintf.amd.com/vcek/v1";

    public required Uri Address { get; init; }

    /// <summary>How long one request may take: a guest waits for it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
