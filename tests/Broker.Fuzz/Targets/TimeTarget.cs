using System.Text;
using Broker.Foundation;

namespace Broker.Fuzz.Targets;

/// <summary>Times of RFC 3339: what is read, is written as the same second.</summary>
internal sealed class TimeTarget : IFuzzTarget
{
    public string Name => "rfc3339";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        "2026-05-04T12:00:00Z"u8.ToArray(), "1990-12-31T15:59:60-08:00"u8.ToArray(),
        "0001-01-01t00:00:00.123456789z"u8.ToArray(), "9999-12-31T23:59:59.9+23:59"u8.ToArray(),
    ];

    public void Execute(byte[] input)
    {
        if (Rfc3339.Read(Encoding.Latin1.GetString(input)) is not { } instant) return;
        var second = instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerSecond));
        if (Rfc3339.Read(Rfc3339.Write(instant)) != second)
            throw new FuzzFindingException("reads another time than it wrote");
    }

    public long AllocationBound(int inputLength) => (16 * 1024) + (16L * inputLength);
}
