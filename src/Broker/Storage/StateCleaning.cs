using Broker.Modules;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Storage;

/// <summary>
/// Forgets what has expired in the state database, a day after it did; <see cref="ExpiryHorizon"/> says why so late.
/// </summary>
internal sealed partial class StateCleaning(
    StateTable[] tables, StateDatabase database, ExpiryHorizon horizon, TimeProvider time, ILogger<StateCleaning> log)
    : BackgroundService
{
    /// <summary>About as many rows are forgotten in one transaction; other writers come in between.</summary>
    internal const int Batch = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            horizon.Observe();
            if (horizon.Before is not { } before) continue;
            try
            {
                foreach (var table in tables)
                    if (table.Expiring is { } name) await SweepAsync(name, before.ToUnixTimeSeconds(), stoppingToken);
            }
            catch (SqliteException fault)
            {
                LogNotCleaned(log, fault);
            }
        }
    }

    /// <summary>
    /// Forgets the rows that expired before then, the oldest first: those up to the expiry of the row that is a batch
    /// away, so that rows of one second go together. Gives the number of transactions.
    /// </summary>
    internal async Task<int> SweepAsync(string table, long before, CancellationToken stop)
    {
        var transactions = 0;
        while (SweepOnce(table, before) > 0)
        {
            transactions++;
            await Task.Delay(Pause, time, stop);
        }

        return transactions;
    }

    private int SweepOnce(string table, long before)
    {
        using var connection = database.Connect();
        return connection.Execute(
            $"""
            DELETE FROM {table} WHERE expires_at < @Before AND expires_at <= coalesce(
                (SELECT expires_at FROM {table} ORDER BY expires_at LIMIT 1 OFFSET {Batch - 1}), @Before)
            """,
            new { Before = before });
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the state database could not be cleaned; trying again in a minute")]
    private static partial void LogNotCleaned(ILogger log, Exception fault);
}
