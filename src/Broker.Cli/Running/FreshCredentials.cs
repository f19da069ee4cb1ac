using Broker.Cli.Credentials;
using Broker.Cli.Terminal;

namespace Broker.Cli.Running;

/// <summary>
/// Credentials that are always good for a while. Callers that come together wait for one mint. They are renewed ahead
/// of time where somebody used the last ones; an idle command causes no releases.
/// </summary>
internal sealed class FreshCredentials(
    Func<CancellationToken, Task<RoleCredentials>> mint, TextWriter error, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private volatile Kept? _kept;
    private TimeSpan _pause = FirstPause;
    private volatile bool _wasUsed;

    /// <summary>For whoever uses them.</summary>
    /// <exception cref="CommandFailedException">There are none, and the broker gives none.</exception>
    public async Task<RoleCredentials> GetAsync(CancellationToken stop)
    {
        var credentials = await MintAsync(stop);
        _wasUsed = true;
        return credentials;
    }

    /// <summary>Makes sure that there are some, for whoever comes.</summary>
    /// <exception cref="CommandFailedException">There are none, and the broker gives none.</exception>
    public async Task<RoleCredentials> MintAsync(CancellationToken stop) =>
        _kept is { } kept && time.GetUtcNow() < kept.RenewAt ? kept.Credentials : await RenewAsync(stop);

    /// <summary>Renews what is in use, until it is stopped.</summary>
    public async Task RenewAheadAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var wait = _wasUsed && _kept is { } kept ? kept.RenewAt - time.GetUtcNow() : LongestPause;
                if (wait > TimeSpan.Zero)
                {
                    // The clock may be set, or the machine may sleep: look again each minute.
                    await Task.Delay(wait < LongestPause ? wait : LongestPause, time, stop);
                    continue;
                }

                await RenewAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (CommandFailedException)
            {
                // They have ended, and that was told. Each client that asks tries anew.
                _wasUsed = false;
            }
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<RoleCredentials> RenewAsync(CancellationToken stop)
    {
        await _one.WaitAsync(stop);
        try
        {
            var now = time.GetUtcNow();
            if (_kept is { } kept && now < kept.RenewAt) return kept.Credentials;
            try
            {
                var minted = await mint(stop);
                _kept = new Kept(minted, UsefulLife.EndOf(now, minted.Given.ExpiresAt));
                _pause = FirstPause;
                _wasUsed = false;
                return minted;
            }
            catch (CommandFailedException fault)
            {
                return await KeepAsync(fault, now);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The old ones, while they hold; and a pause, so that no client storms the broker.</summary>
    private async Task<RoleCredentials> KeepAsync(CommandFailedException fault, DateTimeOffset now)
    {
        if (_kept is not { } kept) throw fault;
        var left = kept.Credentials.Given.ExpiresAt - now;
        await error.WriteLineAsync(left > TimeSpan.Zero
            ? $"brokerctl: cannot renew credentials, which end at {kept.Credentials.Given.ExpiresAt:u}: {fault.Message}"
            : $"brokerctl: the credentials have ended, and there are no new ones: {fault.Message}");
        if (left <= TimeSpan.Zero) throw fault;
        _kept = kept with { RenewAt = now + (_pause < left ? _pause : left) };
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        return kept.Credentials;
    }

    private sealed record Kept(RoleCredentials Credentials, DateTimeOffset RenewAt);
}
