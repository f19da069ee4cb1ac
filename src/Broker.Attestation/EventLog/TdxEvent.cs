namespace Broker.Attestation.EventLog;

/// <summary>
/// One line of a TDX event log as dstack carries it. <see cref="Imr"/> counts from 0 (RTMR0). A log that was stripped
/// for a certificate has an empty <see cref="Digest"/> on runtime events and an empty <see cref="Payload"/> on boot
/// events.
/// </summary>
/// <param name="Version">The digest version of a runtime event; <see cref="EventDigestVersion.V1"/> for all
/// others.</param>
/// <param name="Preimage">Lower-case hex of what a V2 digest was made of, where the writer adds it.</param>
public sealed record TdxEvent(
    uint Imr,
    uint EventType,
    ReadOnlyMemory<byte> Digest,
    string Name,
    ReadOnlyMemory<byte> Payload,
    EventDigestVersion Version = EventDigestVersion.V1,
    string? Preimage = null)
{
    /// <summary><c>EV_PLATFORM_CONFIG_FLAGS</c>: firmware configuration, among it the ACPI tables.</summary>
    public const uint PlatformConfigFlags = 10;

    public bool IsRuntime => EventType == RuntimeEvent.EventType;

    /// <summary>One of the three events that say what the ACPI tables were (payload <c>ACPI DATA</c>).</summary>
    public bool IsAcpiData => Imr == 0 && EventType == PlatformConfigFlags && Payload.Span.SequenceEqual("ACPI DATA"u8);

    public RuntimeEvent ToRuntimeEvent() => new(Name, Payload, Version);

    /// <summary>What the register was extended with: computed for runtime events, as logged for all others.</summary>
    public ReadOnlyMemory<byte> ExtendedDigest() => IsRuntime ? ToRuntimeEvent().Digest() : Digest;
}
