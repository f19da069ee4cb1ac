namespace Broker.Tests.Hosting;

/// <summary>
/// A calendar that stands still until a test moves it. Timers run on the machine's clock, as they would in service.
/// </summary>
public sealed class TestClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero).Ticks;

    public DateTimeOffset Now => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public long UnixSeconds => Now.ToUnixTimeSeconds();

    public override DateTimeOffset GetUtcNow() => Now;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
