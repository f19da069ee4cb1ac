using Broker.Modules;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Storage;

/// <summary>
/// Forgets what has expired in the state database, a day after it did; <see cref="ExpiryHorizon"/> says why so late.
/// </summary>
internal sealed partial class StateCleaning(
    StateTable[] tables, StateDatabase database, ExpiryHorizon horizon, TimeProvider time, ILogger<StateCleaning> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly string _sweep = string.Concat(tables.Where(table => table.Expiring is not null)
        .Select(table => $"DELETE FROM {table.Expiring} WHERE expires_at < @Before;"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            horizon.Observe();
            if (horizon.Before is not { } before) continue;
            try
            {
                using var connection = database.Connect();
                connection.Execute(_sweep, new { Before = before.ToUnixTimeSeconds() });
            }
            catch (SqliteException fault)
            {
                LogNotCleaned(log, fault);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the state database could not be cleaned; trying again in a minute")]
    private static partial void LogNotCleaned(ILogger log, Exception fault);
}
