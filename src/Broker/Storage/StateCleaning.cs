using Broker.Modules;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Storage;

/// <summary>
/// Forgets what has expired in the state database, a day after it did; <see cref="ExpiryHorizon"/> says why so late.
/// What names a person goes as soon as the row has expired; the rest of the row stays, so that nothing is good twice.
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
            try
            {
                await CleanAsync(stoppingToken);
            }
            catch (SqliteException fault)
            {
                LogNotCleaned(log, fault);
            }
        }
    }

    /// <summary>One round.</summary>
    internal async Task CleanAsync(CancellationToken stop)
    {
        horizon.Observe();
        foreach (var table in tables)
        {
            if (table.Blanking is { } sql) await RepeatAsync(() => BlankOnce(sql), stop);
            if (table.Expiring is { } name && horizon.Before is { } before)
                await SweepAsync(name, before.ToUnixTimeSeconds(), stop);
        }
    }

    /// <summary>
    /// Forgets the rows that expired before then, the oldest first: those up to the expiry of the row that is a batch
    /// away, so that rows of one second go together. Gives the number of transactions.
    /// </summary>
    internal Task<int> SweepAsync(string table, long before, CancellationToken stop) =>
        RepeatAsync(() => SweepOnce(table, before), stop);

    private async Task<int> RepeatAsync(Func<int> once, CancellationToken stop)
    {
        var transactions = 0;
        while (once() > 0)
        {
            transactions++;
            await Task.Delay(Pause, time, stop);
        }

        return transactions;
    }

    private int BlankOnce(string sql)
    {
        using var connection = database.Connect();
        return connection.Execute(sql, new { Now = time.GetUtcNow().ToUnixTimeSeconds(), Most = Batch });
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
