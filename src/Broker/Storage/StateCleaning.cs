using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Storage;

/// <summary>Forgets, once a minute, what has expired in the state database.</summary>
internal sealed partial class StateCleaning(
    StateDatabase database, TimeProvider time, ILogger<StateCleaning> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // A challenge is kept an hour longer than it is good for, so that a late answer is told "expired", not "unknown".
    private const string Sweep = """
        DELETE FROM wallet_challenges WHERE expires_at < @Now - 3600;
        DELETE FROM revoked_sessions WHERE expires_at < @Now;
        DELETE FROM signed_requests WHERE expires_at < @Now;
        DELETE FROM idempotency WHERE expires_at < @Now;
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                using var connection = database.Connect();
                connection.Execute(Sweep, new { Now = time.GetUtcNow().ToUnixTimeSeconds() });
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
