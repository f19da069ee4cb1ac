namespace Broker.Attestation.EventLog;

/// <summary>How the digest of a runtime event is made; the number that travels as <c>version</c>.</summary>
public enum EventDigestVersion
{
    /// <summary>SHA-384 of type, name and payload joined by colons. Ambiguous when the name holds a colon.</summary>
    V1 = 1,

    /// <summary>SHA-384 of a canonical JSON object (RFC 8785).</summary>
    V2 = 2,
}

/// <summary>
/// An event that the guest extended into RTMR3: its name, its payload, and nothing that could disagree with them,
/// because the digest is always computed and never taken from the wire.
/// </summary>
public sealed record RuntimeEvent(
    string Name, ReadOnlyMemory<byte> Payload, EventDigestVersion Version = EventDigestVersion.V1)
{
    /// <summary>The event type under which dstack's runtime events stand in an event log.</summary>
    public const uint EventType = 0x08000001;

    /// <summary>The 48 bytes that this event extends RTMR3 with.</summary>
    public byte[] Digest() => RuntimeEventDigest.Compute(Name, Payload.Span, Version);
}
