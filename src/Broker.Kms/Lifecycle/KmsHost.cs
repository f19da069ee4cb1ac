using System.Security.Cryptography;
using Broker.Kms.Keys;
using Broker.Kms.Onboarding;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Lifecycle;

/// <summary>Where a KMS stands.</summary>
public enum KmsPhase
{
    Starting,

    /// <summary>Without keys, waiting for an operator.</summary>
    Onboarding,

    /// <summary>Serving.</summary>
    Running,

    Stopped,
}

/// <summary>
/// The KMS within the broker's process: onboarding first where there are no keys, then the main service, on the same
/// port and without a restart. There is no way back; removing the key folder starts anew.
/// </summary>
public sealed partial class KmsHost : BackgroundService
{
    private readonly KmsParts _parts;
    private readonly IHostApplicationLifetime? _process;
    private readonly ILogger<KmsHost> _log;
    private volatile KmsState _state = new(KmsPhase.Starting, null, null);

    /// <param name="parts">What the KMS is built from.</param>
    /// <param name="process">
    /// Ended, with exit code 1, when the KMS cannot start; null leaves that to the caller.
    /// </param>
    internal KmsHost(KmsParts parts, IHostApplicationLifetime? process)
    {
        _parts = parts;
        _process = process;
        _log = parts.Logs.CreateLogger<KmsHost>();
    }

    public KmsPhase Phase => _state.Phase;

    /// <summary>Where the service of the present phase listens; null while starting and after the end.</summary>
    public Uri? Address => _state.Address;

    /// <summary>Where the admin listener listens; null without one.</summary>
    public Uri? AdminAddress => _state.AdminAddress;

    /// <exception cref="KmsStartException">The KMS cannot start; the message is for the operator.</exception>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _parts.Folder.Recover();
            var port = await EnsureKeysAsync(stoppingToken);
            if (stoppingToken.IsCancellationRequested) return;
            await ServeAsync(port, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops while the KMS was still on its way up.
        }
        catch (KmsStartException reason) when (_process is not null)
        {
            LogCannotStart(reason.Message);
            Environment.ExitCode = 1;
            _process.StopApplication();
        }
        finally
        {
            _state = new KmsState(KmsPhase.Stopped, null, null);
        }
    }

    /// <summary>Gives the port to serve on once the folder holds a complete set.</summary>
    private async Task<int> EnsureKeysAsync(CancellationToken stop)
    {
        var options = _parts.Options;
        if (_parts.Folder.IsComplete) return options.RpcPort;
        if (!options.OnboardEnabled)
            throw new KmsStartException($"{options.CertDir} lacks keys, and onboarding is turned off");
        if (!options.EnforceSelfAuthorization) LogUnenforced();

        if (options.AutoBootstrapDomain.Length > 0)
        {
            var ceremony = new KeyCeremony(
                options, _parts.Folder, _parts.Agent, _parts.Machine, _parts.Self, _parts.Records, _parts.Time);
            var made = await ceremony.AutoBootstrapAsync(stop);
            if (made.IsRefused) throw new KmsStartException(made.Refusal.Text);
            LogBootstrapped(options.AutoBootstrapDomain);
            return options.RpcPort;
        }

        return await OnboardAsync(stop);
    }

    private async Task<int> OnboardAsync(CancellationToken stop)
    {
        await using var phase = await ListenAsync(() => OnboardPhase.StartAsync(_parts, stop));
        var address = phase.Address;
        _state = new KmsState(KmsPhase.Onboarding, address, null);
        LogOnboarding(address);
        await phase.Finished.WaitAsync(stop);
        if (!_parts.Folder.IsComplete) throw new KmsStartException("Failed to onboard: it was finished without keys");

        // Where the system chose the port, the main service stays on it, as it would on a configured one.
        return _parts.Options.RpcPort == 0 ? address.Port : _parts.Options.RpcPort;
    }

    private async Task ServeAsync(int port, CancellationToken stop)
    {
        var renewal = new CertificateRenewal(
            _parts.Options, _parts.Folder, _parts.Agent, _parts.Time, _parts.Logs.CreateLogger<CertificateRenewal>());
        foreach (var file in _parts.Folder.KeysThatOthersMayRead()) LogReadableKey(file);
        var identity = await renewal.RenewAsync(LoadIdentity(), stop);
        if (identity.IsRefused) throw new KmsStartException(identity.Refusal.Text);

        await using var phase = await ListenAsync(() => MainPhase.StartAsync(_parts, identity.Value, port, stop));
        _state = new KmsState(KmsPhase.Running, phase.Address, phase.AdminAddress);
        LogRunning(phase.Address);
        await Task.Delay(Timeout.Infinite, stop);
    }

    private KmsIdentity LoadIdentity()
    {
        try
        {
            return KmsIdentity.Load(_parts.Folder);
        }
        catch (Exception unusable)
            when (unusable is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new KmsStartException($"{_parts.Options.CertDir} holds no usable keys: {unusable.Message}");
        }
    }

    private static async Task<T> ListenAsync<T>(Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (IOException taken)
        {
            // Kestrel's way to say that the address is in use or not ours.
            throw new KmsStartException(taken.Message);
        }
    }

    [LoggerMessage(LogLevel.Critical, "BOOT_FAIL: KMS: {Reason}; see README#kms")]
    private partial void LogCannotStart(string reason);

    [LoggerMessage(LogLevel.Warning, "{File} may be read by others than its owner; a key file should have mode 0600")]
    private partial void LogReadableKey(string file);

    [LoggerMessage(LogLevel.Information, "KMS has no keys yet and waits for an operator at {Address}")]
    private partial void LogOnboarding(Uri address);

    [LoggerMessage(LogLevel.Information, "KMS initialized successfully, RPC server listening on {Address}")]
    private partial void LogRunning(Uri address);

    [LoggerMessage(LogLevel.Information, "KMS made its keys for {Domain} without an operator")]
    private partial void LogBootstrapped(string domain);

    [LoggerMessage(LogLevel.Warning, "Self authorization is off: this KMS acts without being allowed to by its policy")]
    private partial void LogUnenforced();

    private sealed record KmsState(KmsPhase Phase, Uri? Address, Uri? AdminAddress);
}
