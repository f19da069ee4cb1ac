using Microsoft.Extensions.Time.Testing;

namespace Broker.Tests.Hosting;

/// <summary>
/// A calendar that stands still until a test moves it. Timers run on the machine's clock, as they would in service: a
/// time-out of a locked file or a silent peer would never come where timers stood still as well.
/// </summary>
public sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero))
{
    public DateTimeOffset Now => GetUtcNow();

    public long UnixSeconds => Now.ToUnixTimeSeconds();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime, period);
}
