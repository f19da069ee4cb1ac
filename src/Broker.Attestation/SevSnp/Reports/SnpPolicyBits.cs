namespace Broker.Attestation.SevSnp.Reports;

/// <summary>POLICY: what the guest demanded at its launch, and what it permits its host.</summary>
[Flags]
public enum GuestPolicy : ulong
{
    SmtAllowed = 1UL << 16,

    /// <summary>Always one.</summary>
    MustBeOne = 1UL << 17,
    MigrationAgentAllowed = 1UL << 18,
    DebugAllowed = 1UL << 19,
    SingleSocket = 1UL << 20,
    CxlAllowed = 1UL << 21,
    Aes256XtsDemanded = 1UL << 22,
    RaplOffDemanded = 1UL << 23,
    CiphertextHidingDemanded = 1UL << 24,
    PageSwapOff = 1UL << 25,
}

/// <summary>PLATFORM_INFO: how the machine was set up when it made the report.</summary>
[Flags]
public enum PlatformInfo : ulong
{
    SmtOn = 1UL << 0,
    TransparentEncryption = 1UL << 1,
    EccMemory = 1UL << 2,
    RaplOff = 1UL << 3,
    CiphertextHiding = 1UL << 4,
    AliasCheckComplete = 1UL << 5,
    TrustedIo = 1UL << 7,
}

/// <summary>Which key signed a report.</summary>
public enum SnpSigningKey
{
    /// <summary>The key of one chip at one firmware level.</summary>
    Vcek = 0,

    /// <summary>A key that AMD gave to a cloud provider for all of its chips.</summary>
    Vlek = 1,
}
