using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Writing;
using Broker.SigningKeys;

namespace Broker.KeyRotation;

/// <summary>
/// Changes which keys sign: announce, sign, retire. What the clock does by itself needs nobody; this is what somebody
/// wants. Every change is an entry of the ledger before it happens, and in force on this node when a method returns;
/// other nodes of the same state database take it within seconds.
/// </summary>
internal sealed partial class RotateKeys(
    KeyLines lines, IKeyVersions store, LedgerKeys ledgerKeys, KeyReload reload, ReleaseLedger ledger, TimeProvider time,
    ILogger<RotateKeys> log) : IDisposable
{
    // Published by every node, whose looks at the state database are seconds apart, for the whole time.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Publishes the next key, which signs <see cref="KeySchedule.Announcement"/> later.</summary>
    /// <exception cref="LedgerUnavailableException">It is not on record, and has not happened.</exception>
    public Task<Result<KeyVersion>> AnnounceAsync(string purpose, string cause, string requestId) =>
        ChangeAsync(purpose, async (line, now) =>
        {
            var (plan, versions) = line.Read();
            if (versions.FirstOrDefault(one => plan.States[one.Version] == KeyState.Announced) is { } waiting)
            {
                return new Refusal(
                    RotationRefusals.AlreadyAnnounced,
                    $"version {waiting.Version} is announced already, and signs at {waiting.SignsAt:u}");
            }

            var made = Make(line, plan, versions, now, signsAt: now + KeySchedule.Announcement + Margin);
            if (made.Refusal is { } refusal) return refusal;
            await RecordAsync(RotationEntries.Announcement, made.Value, cause, requestId, now);
            store.Keep(versions.Count == 0 ? [First(line), made.Value] : [made.Value]);
            return made.Value;
        });

    /// <summary>
    /// Lets the announced key sign at once, or one made now where none is announced, and takes the one that signed out
    /// of use: for a key that somebody else may have.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">It is not on record, and has not happened.</exception>
    public Task<Result<KeyVersion>> ReplaceAsync(string purpose, string cause, string requestId) =>
        ChangeAsync(purpose, async (line, now) =>
        {
            var (plan, versions) = line.Read();
            var waiting = versions.FirstOrDefault(one => plan.States[one.Version] == KeyState.Announced);
            var made = waiting is null
                ? Make(line, plan, versions, now, signsAt: now)
                : waiting with { SignsAt = now };
            if (made.Refusal is { } refusal) return refusal;
            var old = versions.FirstOrDefault(one => one.Version == plan.Signing) ?? First(line);
            await RecordAsync(RotationEntries.Emergency, made.Value, cause, requestId, now);
            store.Keep([old with { WithdrawnAt = now }, made.Value]);
            return made.Value;
        });

    /// <summary>Takes a key out of use that does not sign: the announced one, or one that retires.</summary>
    /// <exception cref="LedgerUnavailableException">It is not on record, and has not happened.</exception>
    public Task<Result<KeyVersion>> RetireAsync(string purpose, int version, string cause, string requestId) =>
        ChangeAsync(purpose, async (line, now) =>
        {
            var (plan, versions) = line.Read();
            if (!plan.States.TryGetValue(version, out var state))
                return new Refusal(RotationRefusals.UnknownKey, $"there is no {purpose} key of version {version}");
            if (state == KeyState.Signing)
                return new Refusal(RotationRefusals.KeySigns, $"version {version} signs");
            if (state is KeyState.Retired or KeyState.Withdrawn)
                return new Refusal(RotationRefusals.KeyGone, $"version {version} is not published any more");
            var withdrawn = versions.First(one => one.Version == version) with { WithdrawnAt = now };
            await RecordAsync(RotationEntries.Retirement, withdrawn, cause, requestId, now);
            store.Keep([withdrawn]);
            return withdrawn;
        });

    public void Dispose() => _changing.Dispose();

    private async Task<Result<KeyVersion>> ChangeAsync(
        string purpose, Func<IKeyLine, DateTimeOffset, Task<Result<KeyVersion>>> change)
    {
        if (lines.Find(purpose) is not { } line)
            return new Refusal(RotationRefusals.UnknownKey, $"this broker has no keys for \"{purpose}\"");
        await _changing.WaitAsync();
        try
        {
            // What the database keeps are seconds, and no key may sign before its own time.
            var changed = await change(line, DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()));
            if (!changed.IsRefused) reload.Reload();
            return changed;
        }
        finally
        {
            _changing.Release();
        }
    }

    private Result<KeyVersion> Make(
        IKeyLine line, KeyPlan plan, IReadOnlyList<KeyVersion> versions, DateTimeOffset now, DateTimeOffset signsAt)
    {
        var next = versions.Count == 0 ? 2 : versions[^1].Version + 1;
        try
        {
            lines.Origin.Provide(line.Purpose, next);
            return new KeyVersion(line.Purpose, next, line.IdOf(next), now, signsAt, null)
            {
                Succession = line.Purpose == KeyPurpose.Ledger
                    ? KeySuccession.Sign(
                        ledger.VerifierKey.Name, ledgerKeys.Of(plan.Signing), ledgerKeys.Of(next), now)
                    : null,
            };
        }
        catch (BootFailException unusable)
        {
            LogNotMade(log, unusable.Line);
            return new Refusal(
                RotationRefusals.KeyNotMade, $"the key of version {next} cannot be made; the service's log says why");
        }
    }

    /// <summary>The configured key, which has signed for as long as anybody knows.</summary>
    private static KeyVersion First(IKeyLine line) =>
        new(line.Purpose, 1, line.IdOf(1), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null);

    private async Task RecordAsync(
        EntryKind kind, KeyVersion key, string cause, string requestId, DateTimeOffset now) =>
        await ledger.AppendAnchoredAsync(
            RotationEntries.Of(kind, key, cause, requestId, now), CancellationToken.None);

    [LoggerMessage(Level = LogLevel.Error, Message = "the next key cannot be made: {Reason}")]
    private static partial void LogNotMade(ILogger log, string reason);
}
