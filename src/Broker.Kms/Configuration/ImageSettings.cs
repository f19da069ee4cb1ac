using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>How measurements are checked against the OS image.</summary>
internal static class ImageSettings
{
    public static readonly Setting<bool> Verify = Mirror("core.image.verify", "check measurements against the OS image",
        TrueOrFalse, Switch, "true");

    public static readonly Setting<string> CacheDir = Mirror("core.image.cache_dir",
        "where OS images and measurements are kept", PathForm, FilePath, "/usr/share/dstack/images");

    public static readonly Setting<string> DownloadUrl = Mirror("core.image.download_url", "where OS images come from",
        KmsForms.Url, HttpUrlText, "http://localhost:8000/{OS_IMAGE_HASH}.tar.gz");

    public static readonly Setting<TimeSpan> DownloadTimeout = Mirror("core.image.download_timeout",
        "how long a download may take", DurationForm, Duration, "2m");

    public static readonly Setting<string> AcpiTablesProgram = Ours("IMAGE_ACPI_TABLES_PROGRAM",
        "makes ACPI tables as QEMU does, to compute RTMR0; an absolute path, or a name in /usr/local/bin, /usr/bin, "
        + "/bin",
        KmsForms.Program, KmsForms.ReadProgram, "dstack-acpi-tables");

    public static readonly Setting<bool> AcceptUnverifiedRtmr0 = Ours("IMAGE_ACCEPT_UNVERIFIED_RTMR0",
        "accept a machine whose RTMR0 cannot be computed here", TrueOrFalse, Switch, "false");

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [Verify, CacheDir, DownloadUrl, DownloadTimeout, AcpiTablesProgram, AcceptUnverifiedRtmr0];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        ImageVerify = boot.Read(Verify),
        ImageCacheDir = boot.Read(CacheDir),
        ImageDownloadUrl = boot.Read(DownloadUrl),
        ImageDownloadTimeout = boot.Read(DownloadTimeout),
        ImageAcpiTablesProgram = boot.Read(AcpiTablesProgram),
        ImageAcceptUnverifiedRtmr0 = boot.Read(AcceptUnverifiedRtmr0),
    };
}
