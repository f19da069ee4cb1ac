namespace Broker.Attestation.Apps;

/// <summary>
/// Who asks, in the terms of the authorisation webhook: what an attestation proves about a guest, under the names and
/// in the order of the webhook's keys. Byte values are raw here and lower-case hex there.
/// </summary>
public sealed record BootInfo
{
    /// <summary>For example <c>dstack-tdx</c>.</summary>
    public required string TeeVariant { get; init; }

    /// <summary>32 bytes: everything measured.</summary>
    public required ReadOnlyMemory<byte> MrAggregated { get; init; }

    /// <summary>
    /// What the guest's vm_config says its OS image is: a claim until the image's registers were computed and compared.
    /// Empty when nothing says so.
    /// </summary>
    public required ReadOnlyMemory<byte> OsImageHash { get; init; }

    /// <summary>32 bytes: firmware, kernel, command line, initrd and key provider.</summary>
    public required ReadOnlyMemory<byte> MrSystem { get; init; }

    public required AppId AppId { get; init; }

    public required ComposeHash ComposeHash { get; init; }

    public required InstanceId InstanceId { get; init; }

    public required DeviceId DeviceId { get; init; }

    /// <summary>JSON text as UTF-8; empty in the boot-time view.</summary>
    public required ReadOnlyMemory<byte> KeyProviderInfo { get; init; }

    /// <summary>Intel's word for how current the platform is, for example <c>UpToDate</c>.</summary>
    public required string TcbStatus { get; init; }

    public required IReadOnlyList<string> AdvisoryIds { get; init; }
}
