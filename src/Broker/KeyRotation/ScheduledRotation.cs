using Broker.Ledger;
using Broker.SigningKeys;
using Microsoft.Data.Sqlite;

namespace Broker.KeyRotation;

/// <summary>
/// Announces the next key of each purpose in <c>BROKER_KEY_ROTATION</c> a day before its time has come. The first
/// period begins when the schedule first sees the key.
/// </summary>
internal sealed partial class ScheduledRotation(
    RotateKeys rotate, KeyLines lines, IKeyVersions store, RotationOptions options, TimeProvider time,
    ILogger<ScheduledRotation> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Periods.Count == 0) return;
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await LookAsync();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Announces what has to be announced now.</summary>
    internal async Task LookAsync()
    {
        foreach (var (purpose, period) in options.Periods)
        {
            if (lines.Find(purpose) is { } line) await LookAsync(line, period);
        }
    }

    private async Task LookAsync(IKeyLine line, TimeSpan period)
    {
        try
        {
            var (plan, versions) = line.Read();
            var now = time.GetUtcNow();
            if (versions.Count == 0)
            {
                store.Keep([new KeyVersion(line.Purpose, 1, line.IdOf(1), now, now, null)]);
                return;
            }

            var signing = versions.First(one => one.Version == plan.Signing);
            if (plan.States.Values.Contains(KeyState.Announced)
                || now < signing.SignsAt + period - KeySchedule.Announcement)
                return;
            var announced = await rotate.AnnounceAsync(
                line.Purpose, $"by schedule: a key signs for {period.TotalDays:0} days", requestId: "");
            if (announced.Refusal is { } refusal) LogNotRotated(log, line.Purpose, refusal.Detail);
            else LogAnnounced(log, line.Purpose, announced.Value.Version, announced.Value.SignsAt);
        }
        catch (Exception fault) when (fault is LedgerUnavailableException or SqliteException)
        {
            LogNotRotated(log, line.Purpose, fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Purpose} key {Version} is announced, and signs from {SignsAt:u} on")]
    private static partial void LogAnnounced(ILogger log, string purpose, int version, DateTimeOffset signsAt);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the {Purpose} key's time has come, and it could not be changed; trying again in a minute: {Reason}")]
    private static partial void LogNotRotated(ILogger log, string purpose, string reason);
}
