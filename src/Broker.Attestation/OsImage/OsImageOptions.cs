namespace Broker.Attestation.OsImage;

/// <summary>How OS images are found and what is asked of them.</summary>
public sealed record OsImageOptions
{
    /// <summary>Holds <c>images/&lt;hash&gt;/</c> and <c>measurements/&lt;key&gt;.json</c>.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Where an image comes from; <c>{OS_IMAGE_HASH}</c> stands for its hash in lower-case hex.</summary>
    public string DownloadUrl { get; init; } = "http://localhost:8000/{OS_IMAGE_HASH}.tar.gz";

    /// <summary>The bound on a whole download, unpacking included.</summary>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The bound on what an archive may unpack to, in bytes.</summary>
    public long MaxUnpackedLength { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>
    /// The program that makes ACPI tables as QEMU does: an absolute path, or a bare name in one of
    /// <see cref="ProgramFolders"/>. Neither <c>PATH</c> nor the working directory decides what runs.
    /// </summary>
    public string AcpiTablesProgram { get; init; } = "dstack-acpi-tables";

    /// <summary>Where a bare name is looked for, in this order.</summary>
    public static IReadOnlyList<string> ProgramFolders { get; } = ["/usr/local/bin", "/usr/bin", "/bin"];

    /// <summary>
    /// Accepts a legacy machine whose RTMR0 nothing here can compute. MRTD, RTMR1 and RTMR2 still have to match; what
    /// is then not known is the machine's configuration: its ACPI tables, its devices, its firmware variables.
    /// </summary>
    public bool AcceptUnverifiedRtmr0 { get; init; }
}
