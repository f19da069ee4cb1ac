using System.Runtime.InteropServices;
using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// Makes the ring take the keys that the source has now: at SIGHUP (<c>systemctl reload</c>), and by itself once changed
/// files have stood still for a while. Keys that cannot be used are told in the log, and those before stay.
/// </summary>
internal sealed partial class KeyReload(
    IEnumerable<IChangingKeys> keys, TimeProvider time, ILogger<KeyReload> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Lock _reloading = new();
    private readonly IChangingKeys[] _keys = [.. keys];
    private string _taken = string.Join('\n', keys.Select(one => one.SourceState));

    private string SourceState => string.Join('\n', _keys.Select(one => one.SourceState));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A process that was started under nohup never sees the signal.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true; // what the signal does by itself is end the process
            Reload();
        });
        using var timer = new PeriodicTimer(Interval, time);
        var before = _taken;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = SourceState;
            if (now == before && now != Volatile.Read(ref _taken)) Reload();
            before = now;
        }
    }

    /// <summary>Takes the keys that the sources have now.</summary>
    public void Reload()
    {
        lock (_reloading) ReloadOnce();
    }

    private void ReloadOnce()
    {
        Volatile.Write(ref _taken, SourceState);
        try
        {
            KeyChange[] changes = [.. _keys.SelectMany(one => one.Reload())];
            Volatile.Write(ref _taken, SourceState); // a certificate may have been made
            foreach (var change in changes)
            {
                LogReloaded(log, change.Purpose, change.SigningKeyId, string.Join(", ", change.PublishedKeyIds));
                if (!change.WasAnnounced) LogNotAnnounced(log, change.SigningKeyId);
            }
        }
        catch (BootFailException unusable)
        {
            LogNotTaken(log, unusable.Line);
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Purpose} keys reloaded: {KeyId} signs, published are {KeyIds}")]
    private static partial void LogReloaded(ILogger log, string purpose, string keyId, string keyIds);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{KeyId} signs without having been published before: relying parties that keep the JWKS refuse its "
            + "tokens until they fetch it again")]
    private static partial void LogNotAnnounced(ILogger log, string keyId);

    [LoggerMessage(Level = LogLevel.Error, Message = "the key files cannot be used, the present keys stay: {Reason}")]
    private static partial void LogNotTaken(ILogger log, string reason);
}
