using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Broker.Foundation.Results;
using Broker.Kms.Certificates;
using Broker.Kms.Composition;
using Broker.Kms.Configuration;
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
    private static readonly string CertDirVariable = NodeSettings.CertDir.Name;

    private readonly Func<KmsParts> _build;
    private readonly IHostApplicationLifetime? _process;
    private readonly ILogger<KmsHost> _log;
    private KmsParts _parts = null!;
    private volatile KmsState _state = new(KmsPhase.Starting, null, null);

    /// <param name="build">Gives what the KMS is built from, or says why there is none.</param>
    /// <param name="logs">The process's own logging.</param>
    /// <param name="process">
    /// Ended, with exit code 1, when the KMS cannot start; null leaves that to the caller.
    /// </param>
    internal KmsHost(Func<KmsParts> build, ILoggerFactory logs, IHostApplicationLifetime? process)
    {
        _build = build;
        _process = process;
        _log = logs.CreateLogger<KmsHost>();
    }

    /// <summary>Ends the process's host when there are keys, and serves nothing.</summary>
    internal bool OnboardOnly { get; init; }

    /// <summary>Onboarding is over, where that is all that it was to do.</summary>
    public bool HasKeys { get; private set; }

    public KmsPhase Phase => _state.Phase;

    /// <summary>Where the service of the present phase listens; null while starting and after the end.</summary>
    public Uri? Address => _state.Address;

    /// <summary>Where the admin listener listens; null without one.</summary>
    public Uri? AdminAddress => _state.AdminAddress;

    /// <summary>
    /// Why the KMS could not start, as <c>VARIABLE="value": reason</c> where a variable is to blame; null when it could.
    /// </summary>
    public string? StartFault { get; private set; }

    /// <exception cref="KmsStartException">The KMS cannot start; the message is for the operator.</exception>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _parts = _build();
            foreach (var choice in RiskyChoices.Of(_parts.Options)) LogRisk(choice);
            foreach (var variable in _parts.Options.WithoutEffect) LogWithoutEffect(variable);
            if (_parts.Options is { SevSnpKeyRelease: true, SevSnp.CheckRevocation: false }) LogNoRevocation();
            PrepareFolder();
            var port = await EnsureKeysAsync(stoppingToken);
            if (stoppingToken.IsCancellationRequested) return;
            if (OnboardOnly)
            {
                HasKeys = true;
                _process?.StopApplication();
                return;
            }

            await ServeAsync(port, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops while the KMS was still on its way up.
        }
        catch (KmsStartException reason) when (_process is not null)
        {
            StartFault = reason.Message;
            LogCannotStart(reason.Message);
            Environment.ExitCode = 1;
            _process.StopApplication();
        }
        finally
        {
            _state = new KmsState(KmsPhase.Stopped, null, null);
        }
    }

    private void PrepareFolder() => NamedFile.Use(CertDirVariable, _parts.Options.CertDir, () =>
    {
        _parts.Folder.Recover();
        foreach (var path in _parts.Folder.Close()) LogClosed(path);
        if (!_parts.Folder.IsComplete && _parts.Options.OnboardEnabled) _parts.Folder.ProveWritable();
        return true;
    });

    /// <summary>Gives the port to serve on once the folder holds a complete set.</summary>
    private async Task<int> EnsureKeysAsync(CancellationToken stop)
    {
        var options = _parts.Options;
        if (_parts.Folder.IsComplete) return options.RpcPort;
        if (!options.OnboardEnabled)
        {
            throw new KmsStartException(
                $"{CertDirVariable}=\"{options.CertDir}\": lacks keys, and onboarding is turned off");
        }

        foreach (var choice in RiskyChoices.OfOnboarding(options)) LogRisk(choice);
        if (options.AutoBootstrapDomain.Length > 0)
        {
            var ceremony = new KeyCeremony(
                options, _parts.Folder, _parts.Agent, _parts.Machine, _parts.Self, _parts.Records, _parts.Time,
                _parts.Logs.CreateLogger<KeyCeremony>());
            var made = await ceremony.AutoBootstrapAsync(stop);
            if (made.IsRefused) throw new KmsStartException(made.Refusal.Detail);
            LogBootstrapped(options.AutoBootstrapDomain);
            return options.RpcPort;
        }

        return await OnboardAsync(stop);
    }

    private async Task<int> OnboardAsync(CancellationToken stop)
    {
        await using var phase = await ListenAsync(
            OnboardingSettings.ListenPort.Name, _parts.Options.OnboardAddress, _parts.Options.OnboardPort,
            () => OnboardPhase.StartAsync(_parts, stop));
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
        var identity = await RenewAsync(renewal, stop);
        if (identity.IsRefused) throw new KmsStartException(identity.Refusal.Detail);

        await using var phase = await ListenAsync(
            ListenerSettings.Port.Name, _parts.Options.RpcAddress, port,
            () => MainPhase.StartAsync(_parts, identity.Value, port, stop));
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
            throw new KmsStartException(
                $"{CertDirVariable}=\"{_parts.Options.CertDir}\": holds no usable keys: {unusable.Message}");
        }
    }

    /// <summary>A certificate that is issued anew goes to the key folder.</summary>
    private async Task<Result<KmsIdentity>> RenewAsync(CertificateRenewal renewal, CancellationToken stop)
    {
        try
        {
            return await renewal.RenewAsync(LoadIdentity(), stop);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new KmsStartException(
                $"{CertDirVariable}=\"{_parts.Options.CertDir}\": cannot be written: {unwritable.Message}");
        }
    }

    private static async Task<T> ListenAsync<T>(string variable, IPAddress address, int port, Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (Exception taken) when (taken is IOException or SocketException)
        {
            // Kestrel's ways to say that the address is in use, not ours, or not for us.
            throw new KmsStartException(
                $"{variable}=\"{port}\": cannot listen on {new IPEndPoint(address, port)}: {taken.Message}");
        }
    }

    [LoggerMessage(LogLevel.Critical, "The KMS cannot start: {Reason}; see README#kms")]
    private partial void LogCannotStart(string reason);

    [LoggerMessage(LogLevel.Warning, "{Path} was open to others than its owner; its mode is repaired")]
    private partial void LogClosed(string path);

    [LoggerMessage(LogLevel.Information, "KMS has no keys yet and waits for an operator at {Address}")]
    private partial void LogOnboarding(Uri address);

    [LoggerMessage(LogLevel.Information, "KMS initialized successfully, RPC server listening on {Address}")]
    private partial void LogRunning(Uri address);

    [LoggerMessage(LogLevel.Information, "KMS made its keys for {Domain} without an operator")]
    private partial void LogBootstrapped(string domain);

    [LoggerMessage(LogLevel.Warning, "{Variable} is set and without effect: keys go to TDX and SEV-SNP machines only")]
    private partial void LogWithoutEffect(string variable);

    [LoggerMessage(LogLevel.Information, "AMD's revocation lists are not used: BROKER_KMS_SEV_SNP_CHECK_REVOCATION is "
        + "false")]
    private partial void LogNoRevocation();

    [LoggerMessage(LogLevel.Warning, "A safeguard of the KMS is off: {Choice}")]
    private partial void LogRisk(string choice);

    private sealed record KmsState(KmsPhase Phase, Uri? Address, Uri? AdminAddress);
}
