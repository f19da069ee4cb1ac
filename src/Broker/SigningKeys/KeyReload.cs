using System.Runtime.InteropServices;
using Broker.Configuration;

namespace Broker.SigningKeys;

/// <summary>
/// SIGHUP (<c>systemctl reload</c>) makes the ring take the keys that the source has now. Keys that cannot be used are
/// told in the log, and those before stay.
/// </summary>
internal sealed partial class KeyReload(KeyRing keys, ILogger<KeyReload> log) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _hangup;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true; // what the signal does by itself is end the process
            Reload();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _hangup?.Dispose();

    private void Reload()
    {
        try
        {
            var change = keys.Reload();
            LogReloaded(log, change.SigningKeyId, string.Join(", ", change.PublishedKeyIds));
            if (!change.WasAnnounced) LogNotAnnounced(log, change.SigningKeyId);
        }
        catch (BootFailException unusable)
        {
            LogNotTaken(log, unusable.Line);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "keys reloaded: {KeyId} signs, published are {KeyIds}")]
    private static partial void LogReloaded(ILogger log, string keyId, string keyIds);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{KeyId} signs without having been published before: relying parties that keep the JWKS refuse its "
            + "tokens until they fetch it again")]
    private static partial void LogNotAnnounced(ILogger log, string keyId);

    [LoggerMessage(Level = LogLevel.Error, Message = "the key files cannot be used, the present keys stay: {Reason}")]
    private static partial void LogNotTaken(ILogger log, string reason);
}
