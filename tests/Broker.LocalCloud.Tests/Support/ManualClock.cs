namespace Broker.LocalCloud.Tests.Support;

/// <summary>A clock that runs with the machine's, moved by what the test says.</summary>
internal sealed class ManualClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + Ahead;
}
