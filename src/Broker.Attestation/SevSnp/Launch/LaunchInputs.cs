namespace Broker.Attestation.SevSnp.Launch;

/// <summary>A part of guest memory that the firmware's metadata names.</summary>
/// <param name="Gpa">Guest physical address.</param>
/// <param name="Size">Bytes.</param>
public sealed record OvmfSection(ulong Gpa, ulong Size, ulong Type)
{
    public const ulong SecMemory = 1;
    public const ulong Secrets = 2;
    public const ulong Cpuid = 3;
    public const ulong SvsmCallingArea = 4;
    public const ulong KernelHashes = 0x10;
}

/// <summary>
/// What QEMU puts into a guest's memory and processors before it starts: everything that the launch measurement is made
/// of.
/// </summary>
public sealed record LaunchInputs
{
    public const int MaxProcessors = 512;
    public const int MaxSections = 64;

    /// <summary>
    /// The pages of all sections together. Each costs a hash, before anybody knows whether the guest may have keys;
    /// this many take about a tenth of a second. Real firmware has some thirty.
    /// </summary>
    public const ulong MaxPages = 65536;

    /// <summary>The measurement after the firmware alone, 48 bytes.</summary>
    public required ReadOnlyMemory<byte> OvmfHash { get; init; }

    /// <summary>SHA-256 of the kernel.</summary>
    public required ReadOnlyMemory<byte> KernelHash { get; init; }

    /// <summary>SHA-256 of the initrd; of nothing where there is none.</summary>
    public required ReadOnlyMemory<byte> InitrdHash { get; init; }

    /// <summary>The kernel's command line without white space around it.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Where the firmware looks for the table of hashes.</summary>
    public required ulong HashesTableGpa { get; init; }

    /// <summary>Where all processors but the first begin.</summary>
    public required ulong ResetEip { get; init; }

    public required IReadOnlyList<OvmfSection> Sections { get; init; }

    public required long Processors { get; init; }

    /// <summary>QEMU's name of the processor model, not the machine's own.</summary>
    public required string? ProcessorModel { get; init; }

    /// <summary>SEV features of the virtual processors.</summary>
    public required ulong GuestFeatures { get; init; }

    /// <summary>What is wrong with them; null when they can be measured. Nothing is hashed for it.</summary>
    internal string? Fault()
    {
        if (OvmfHash.Length != 48) return $"ovmf_hash of {OvmfHash.Length} bytes";
        if (KernelHash.Length != 32) return $"kernel_hash of {KernelHash.Length} bytes";
        if (InitrdHash.Length != 32) return $"initrd_hash of {InitrdHash.Length} bytes";
        if (Processors is < 1 or > MaxProcessors) return $"{Processors} processors, 1 to {MaxProcessors} are possible";
        if (ProcessorModels.SignatureOf(ProcessorModel) is null) return "unknown processor model";
        if (GuestFeatures == 0) return "guest features are zero";
        if (ResetEip is 0 or > uint.MaxValue) return "no reset address";
        if (HashesTableGpa == 0) return "no address of the hash table";
        return KernelHashTable.Fits(HashesTableGpa) ? SectionFault() : "the hash table runs over its page";
    }

    private string? SectionFault()
    {
        if (Sections.Count > MaxSections) return $"{Sections.Count} sections, at most {MaxSections}";
        ulong pages = 0;
        foreach (var section in Sections)
        {
            if (section.Type is not (>= OvmfSection.SecMemory and <= OvmfSection.SvsmCallingArea
                or OvmfSection.KernelHashes))
            {
                return $"unknown section type {section.Type}";
            }

            if (section.Gpa == 0 || section.Size == 0 || section.Gpa % LaunchMeasurement.PageLength != 0
                || section.Size % LaunchMeasurement.PageLength != 0 || section.Gpa > ulong.MaxValue - section.Size)
            {
                return "a section that is not made of pages";
            }

            // One section alone is held against the bound first, so that the sum cannot overflow.
            var own = section.Size / LaunchMeasurement.PageLength;
            if (own > MaxPages || (pages += own) > MaxPages) return $"more than {MaxPages} pages to measure";
        }

        return Sections.Any(section => section.Type == OvmfSection.KernelHashes)
            ? null
            : "no section for the kernel's hashes";
    }
}
