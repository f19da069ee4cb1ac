namespace Broker.Attestation.EventLog;

/// <summary>
/// The event log of a TDX guest, all registers in one list, in the order in which they were extended.
/// </summary>
public sealed record TdxEventLog(IReadOnlyList<TdxEvent> Events)
{
    public static readonly TdxEventLog Empty = new([]);

    /// <summary>
    /// The events of the runtime type, whatever register they claim; <see cref="MisplacedRuntimeEvent"/> says whether
    /// one of them claims another than RTMR3.
    /// </summary>
    public IReadOnlyList<RuntimeEvent> RuntimeEvents()
        => Events.Where(entry => entry.IsRuntime).Select(entry => entry.ToRuntimeEvent()).ToList();

    /// <summary>A runtime event that claims to stand in another register than RTMR3, if there is one.</summary>
    public TdxEvent? MisplacedRuntimeEvent() => Events.FirstOrDefault(entry => entry.IsRuntime && entry.Imr != 3);

    /// <summary>
    /// One register, replayed; nothing when an event of it carries no usable digest, which is so for RTMR0 to RTMR2 of
    /// a stripped log.
    /// </summary>
    public byte[]? Replay(uint imr)
    {
        var digests = Events.Where(entry => entry.Imr == imr).Select(entry => entry.ExtendedDigest()).ToList();
        return digests.TrueForAll(digest => digest.Length == RuntimeEventDigest.Length)
            ? RtmrReplay.Replay(digests)
            : null;
    }

    /// <summary>
    /// What goes into a certificate (kms-protocol §5.5): RTMR3's events and the ACPI data of RTMR0. Runtime events lose
    /// their digest, which the reader computes; the others keep the digest and lose the payload, ACPI data keeps both.
    /// </summary>
    public TdxEventLog Stripped() => new(Events
        .Where(entry => entry.Imr == 3 || entry.IsAcpiData)
        .Select(entry => entry.IsRuntime ? entry with { Digest = default }
            : entry.IsAcpiData ? entry
            : entry with { Payload = default })
        .ToList());
}
