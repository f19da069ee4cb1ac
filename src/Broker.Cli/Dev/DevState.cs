using System.Net;
using System.Net.Sockets;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Dev;

/// <summary>
/// <c>dev/port-N</c> in the state folder: the wallet, the broker's data, the cloud's objects and both logs. A ledger
/// belongs to its issuer, so each port of the broker has its own. One run has it at a time.
/// </summary>
internal sealed class DevState : IDisposable
{
    private const int FirstBrokerPort = 8091;
    private const int FirstCloudPort = 4580;
    private const int Tried = 100;

    private readonly FileStream _held;

    private DevState(string folder, int brokerPort, int cloudPort, FileStream held)
    {
        (Folder, BrokerPort, CloudPort, _held) = (folder, brokerPort, cloudPort, held);
        Directory.CreateDirectory(Path.Combine(folder, "logs"), DurableFile.OwnerOnlyFolder);
    }

    public string Folder { get; }

    public int BrokerPort { get; }

    public int CloudPort { get; }

    public string WalletKey => Path.Combine(Folder, "wallet.key");

    /// <summary>The session's token, for the container variables.</summary>
    public string TokenFile => Path.Combine(Folder, "session.token");

    public string Log(string server) => Path.Combine(Folder, "logs", $"{server}.log");

    /// <summary>Takes the ports that were asked for, else the first free ones.</summary>
    /// <exception cref="CommandFailedException">They are taken.</exception>
    public static DevState Take(int? brokerPort, int? cloudPort)
    {
        var cloud = cloudPort is { } wanted ? Free(wanted, "--cloud-port") : FirstFree(FirstCloudPort, "--cloud-port");
        if (brokerPort is { } port)
        {
            return Hold(Free(port, "--broker-port"), cloud)
                ?? throw new CommandFailedException($"another brokerctl dev has port {port}");
        }

        for (port = FirstBrokerPort; port < FirstBrokerPort + Tried; port++)
        {
            if (IsFree(port) && Hold(port, cloud) is { } state) return state;
        }

        throw new CommandFailedException(
            $"the ports {FirstBrokerPort} to {FirstBrokerPort + Tried - 1} are taken; choose with --broker-port");
    }

    public void Dispose() => _held.Dispose();

    private static DevState? Hold(int brokerPort, int cloudPort)
    {
        var folder = Path.Combine(StateFolder.Path, "dev", $"port-{brokerPort}");
        try
        {
            Directory.CreateDirectory(folder, DurableFile.OwnerOnlyFolder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot make {folder}: {fault.Message}", cause: fault);
        }

        try
        {
            var held = new FileStream(Path.Combine(folder, "lock"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = DurableFile.OwnerOnly,
            });
            return new DevState(folder, brokerPort, cloudPort, held);
        }
        catch (IOException)
        {
            return null; // another run has it
        }
    }

    private static int FirstFree(int first, string option) =>
        Enumerable.Range(first, Tried).Cast<int?>().FirstOrDefault(port => IsFree(port!.Value))
        ?? throw new CommandFailedException(
            $"the ports {first} to {first + Tried - 1} are taken; choose with {option}");

    private static int Free(int port, string option) => IsFree(port)
        ? port
        : throw new CommandFailedException($"port {port} is taken by another program; choose with {option}");

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
