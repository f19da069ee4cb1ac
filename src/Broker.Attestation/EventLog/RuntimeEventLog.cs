using Broker.Attestation.Decoding;

namespace Broker.Attestation.EventLog;

/// <summary>Which part of RTMR3's history a decision looks at.</summary>
public enum MeasurementView
{
    /// <summary>Everything the log holds.</summary>
    Full,

    /// <summary>
    /// Up to and including the first <c>boot-mr-done</c>, which is what a guest has measured when it first asks for
    /// keys.
    /// </summary>
    BootTime,
}

/// <summary>
/// The runtime events behind RTMR3, after the checks that make looking one up by name safe.
/// <para>
/// Two of the checks go beyond the reference: a V1 name with a colon is refused, because moving the boundary between
/// name and payload leaves the digest as it was; and an event that exists once by nature may not come twice.
/// </para>
/// </summary>
public sealed class RuntimeEventLog
{
    private const string BootMrDone = "boot-mr-done";
    private const string SystemReady = "system-ready";

    private static readonly string[] Unique =
    [
        "system-preparing", "app-id", "compose-hash", "instance-id", BootMrDone,
        "os-image-hash", "key-provider", SystemReady,
    ];

    private RuntimeEventLog(IReadOnlyList<RuntimeEvent> events) => Events = events;

    public IReadOnlyList<RuntimeEvent> Events { get; }

    /// <summary>Refuses a list that could be read in two ways.</summary>
    public static Decoded<RuntimeEventLog> From(IReadOnlyList<RuntimeEvent> events)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var system = true;
        foreach (var entry in events)
        {
            if (entry.Version == EventDigestVersion.V1 && entry.Name.Contains(':', StringComparison.Ordinal))
            {
                return Decoded<RuntimeEventLog>.Refused(
                    "runtime event name contains ':', which makes its digest ambiguous");
            }

            // After system-ready the application speaks; its events carry no meaning here and may repeat any name.
            if (system && Array.IndexOf(Unique, entry.Name) >= 0 && !seen.Add(entry.Name))
            {
                return Decoded<RuntimeEventLog>.Refused($"runtime event {entry.Name} appears more than once");
            }

            system &= entry.Name != SystemReady;
        }

        return new RuntimeEventLog(events);
    }

    /// <summary>
    /// The payload of the first event of that name before <c>system-ready</c>; empty when there is none.
    /// </summary>
    public ReadOnlyMemory<byte> Payload(string name)
        => Events.TakeWhile(entry => entry.Name != SystemReady)
            .FirstOrDefault(entry => entry.Name == name)?.Payload ?? default;

    /// <summary>RTMR3 as these events make it.</summary>
    public byte[] Replay(MeasurementView view = MeasurementView.Full)
        => RtmrReplay.Replay(Visible(view).Select(entry => entry.Digest()));

    private IEnumerable<RuntimeEvent> Visible(MeasurementView view)
    {
        foreach (var entry in Events)
        {
            yield return entry;
            if (view == MeasurementView.BootTime && entry.Name == BootMrDone) yield break;
        }
    }
}
