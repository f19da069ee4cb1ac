using System.Collections.Concurrent;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Collateral;

/// <summary>
/// Keeps collateral in a folder, one <see cref="QuoteCollateralJson"/> file per platform family
/// (<c>tdx-b0c06f000000-platform.json</c>), so that a service that is away for days stops nothing, and so that an
/// operator can carry the files to a machine without a network. Only collateral that verifies is stored, and none
/// that is older than what is held. Held collateral is served until the first of its parts ends and never after; it
/// is fetched anew after <see cref="MaxAge"/>, and at half its lifetime at the latest. A refresh that fails is reported
/// and tried again after a while; what is held goes on being served.
/// </summary>
/// <param name="folder">Made when it is not there.</param>
/// <param name="onFault">
/// Told of what went wrong while collateral could still be served: a refresh or a write that failed.
/// </param>
public sealed class CachedCollateralSource(
    ICollateralOrigin origin, string folder, QuoteVerifier verifier, TimeProvider time,
    Action<CollateralKey, string>? onFault = null) : ICollateralSource
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<CollateralKey, Shelf> _shelves = new();

    /// <summary>
    /// How long held collateral is served without asking whether there is newer: so late does a revocation count at the
    /// latest, while the service answers.
    /// </summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    public async Task<PreparedCollateral> GetAsync(CollateralKey key, CancellationToken stop)
    {
        var shelf = _shelves.GetOrAdd(key, _ => new Shelf());
        if (shelf.Held is { } current && current.IsFreshAt(time.GetUtcNow())) return current.Collateral;

        // One caller fetches; the others wait for what it brings.
        await shelf.Gate.WaitAsync(stop);
        try
        {
            var now = time.GetUtcNow();
            shelf.Held ??= await ReadHeldAsync(key, now, stop);
            if (shelf.Held is { } held && held.IsFreshAt(now)) return held.Collateral;
            shelf.Held = await RefreshAsync(key, shelf.Held, now, stop);
            return shelf.Held.Collateral;
        }
        finally
        {
            shelf.Gate.Release();
        }
    }

    private async Task<HeldCollateral> RefreshAsync(
        CollateralKey key, HeldCollateral? held, DateTimeOffset now, CancellationToken stop)
    {
        string fault;
        try
        {
            var candidate = verifier.Prepare(await origin.FetchAsync(key, stop), key.Tee);
            var refused = CollateralAcceptance.Refuse(candidate, key, now)
                ?? (held is null ? null : CollateralAcceptance.RefuseRollback(held.Collateral, candidate));
            if (refused is null)
            {
                Store(key, candidate.Source);
                return new HeldCollateral(candidate, FreshUntil(candidate, now));
            }

            fault = $"collateral for {key} refused: {refused}";
        }
        catch (CollateralUnavailableException unavailable)
        {
            fault = unavailable.Message;
        }

        if (held is null || now > CollateralAcceptance.UsableUntil(held.Collateral))
        {
            throw new CollateralUnavailableException(fault);
        }

        onFault?.Invoke(key, fault);
        var end = CollateralAcceptance.UsableUntil(held.Collateral);
        return held with { FreshUntil = Earlier(now + Shorter(RetryInterval, MaxAge), end) };
    }

    /// <summary>A folder that cannot be written costs the next start a fetch, and nothing now.</summary>
    private void Store(CollateralKey key, QuoteCollateral collateral)
    {
        try
        {
            Directory.CreateDirectory(folder);
            CollateralFile.Write(PathOf(key), collateral);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            onFault?.Invoke(key, $"collateral is not kept: {unwritable.Message}");
        }
    }

    /// <summary>
    /// What the folder holds for the key. Expired collateral is read too: it is never served, but what replaces it must
    /// not be older.
    /// </summary>
    private async Task<HeldCollateral?> ReadHeldAsync(CollateralKey key, DateTimeOffset now, CancellationToken stop)
    {
        if (await CollateralFile.ReadAsync(PathOf(key), stop) is not { Succeeded: true } read) return null;

        var prepared = verifier.Prepare(read.Collateral, key.Tee);
        if (prepared.TcbInfo is null || prepared.QeIdentity is null || prepared.PckCrl is null) return null;
        var until = CollateralAcceptance.UsableUntil(prepared);
        if (CollateralAcceptance.Refuse(prepared, key, now < until ? now : until) is not null) return null;

        var stored = new DateTimeOffset(File.GetLastWriteTimeUtc(PathOf(key)), TimeSpan.Zero);
        return new HeldCollateral(prepared, FreshUntil(prepared, stored < now ? stored : now));
    }

    private DateTimeOffset FreshUntil(PreparedCollateral collateral, DateTimeOffset fetched)
    {
        var from = CollateralAcceptance.UsableFrom(collateral);
        var end = CollateralAcceptance.UsableUntil(collateral);
        var half = from + ((end - from) / 2);
        var aged = fetched + MaxAge;

        // Past half its lifetime when it came, it is asked for again after a while: the service may have newer by then.
        return Earlier(half > fetched ? Earlier(half, aged) : fetched + Shorter(RetryInterval, MaxAge), end);
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private string PathOf(CollateralKey key) => Path.Combine(folder, $"{key}.json");

    private sealed class Shelf
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public HeldCollateral? Held { get; set; }
    }

    private sealed record HeldCollateral(PreparedCollateral Collateral, DateTimeOffset FreshUntil)
    {
        /// <summary>Served without asking the origin; never past the end of any part.</summary>
        public bool IsFreshAt(DateTimeOffset now) => now <= FreshUntil;
    }
}
