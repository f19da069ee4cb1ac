using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.VirtualMachine;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tee;

/// <summary>One simulated machine with its guest agent, and collateral for all machines of its hierarchy.</summary>
internal static class TeeSimulator
{
    /// <summary>Runs until stopped. Prints one line per door once all of them are open.</summary>
    public static async Task RunAsync(
        SimulatedMachineRequest request, TimeProvider time, TextWriter output, CancellationToken stop)
    {
        using var pki = LoadPki(request.Pki);
        using var machine = pki.CreateMachine(
            new SimulatedPlatform
            {
                Ppid = PpidOf(request.Name, pki),
                TcbStatus = request.TcbStatus,
                CertificateExpired = request.Expire,
            },
            time.GetUtcNow());
        if (request.Revoke) SimulatedPki.Revoke(request.Pki, machine.PckSerial);

        var guest = CreateGuest(request, machine);
        await using var agent = await GuestAgentServer.StartAsync(guest, request.Socket, stop);
        await using var pccs = request.PccsPort == 0
            ? null
            : await PccsServer.StartAsync(pki, request.Pki, request.PccsPort, time, stop);

        await output.WriteLineAsync($"guest agent  unix:{request.Socket}");
        if (pccs is not null) await output.WriteLineAsync($"pccs         http://127.0.0.1:{request.PccsPort}");
        await output.WriteLineAsync($"root         {Path.Combine(request.Pki, "root-ca.der")}");
        await output.FlushAsync(stop);

        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static SimulatedPki LoadPki(string folder)
    {
        try
        {
            return SimulatedPki.Load(folder);
        }
        catch (Exception fault) when (
            fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CommandFailedException(
                $"{folder} holds no hierarchy ({fault.Message}); make one with: brokerctl tee pki {folder}",
                ExitCode.Misuse, fault);
        }
    }

    /// <summary>The machine's identity: the same each time for one name under one root.</summary>
    private static byte[] PpidOf(string name, SimulatedPki pki)
        => SHA256.HashData(
            [.. "simulated platform:"u8, .. SHA256.HashData(pki.Root.Span), .. Encoding.UTF8.GetBytes(name)])[..16];

    private static SimulatedGuest CreateGuest(SimulatedMachineRequest request, SimulatedMachine machine)
    {
        var type = request.Td15 ? QuoteBodyType.TdReport15 : QuoteBodyType.TdReport10;
        var attributes = TdAttributes.SeptVeDisable | (request.DebugTd ? TdAttributes.Debug : TdAttributes.None);
        var vmConfig = request.VmConfigFile is { } file ? ReadVmConfig(file) : null;
        if (request.LikeFile is { } like)
        {
            var other = VersionedAttestation.Decode(ReadFile(like));
            var alike = other switch
            {
                { Value: TdxAttestation tdx } => SimulatedGuest.Like(machine, tdx, type, attributes, vmConfig),
                { Succeeded: true } => Decoded<SimulatedGuest>.Refused("not the evidence of a TDX machine"),
                _ => other.RefusedAs<SimulatedGuest>(),
            };
            return alike.Succeeded
                ? alike.Value
                : throw new CommandFailedException($"{like}: {alike.Error}", ExitCode.Misuse);
        }

        var composeHash = request.ComposeHash ?? SHA256.HashData("simulated app-compose.json"u8);
        var instanceId = SHA256.HashData([.. "simulated instance:"u8, .. Encoding.UTF8.GetBytes(request.Name)])[..20];
        var events = request.EventsFile is { } log
            ? ReadEvents(log)
            : SimulatedGuest.OrdinaryBoot(
                request.AppId ?? composeHash[..20], composeHash, instanceId, request.KeyProvider);
        var td = new SimulatedTd
        {
            MrTd = request.MrTd ?? SHA384.HashData("simulated firmware"u8),
            MrConfigId = (byte[])[1, .. composeHash, .. new byte[15]],
            Attributes = attributes,
        };
        try
        {
            return SimulatedGuest.FromEvents(machine, type, td, events, vmConfig ?? "");
        }
        catch (ArgumentException fault)
        {
            throw new CommandFailedException($"{request.EventsFile}: {fault.Message}", ExitCode.Misuse, fault);
        }
    }

    private static TdxEventLog ReadEvents(string file)
    {
        var parsed = EventLogJson.Parse(ReadFile(file));
        return parsed.Succeeded
            ? parsed.Value
            : throw new CommandFailedException($"{file}: {parsed.Error}", ExitCode.Misuse);
    }

    private static string ReadVmConfig(string file)
    {
        var text = Encoding.UTF8.GetString(ReadFile(file)).Trim();
        var parsed = VmConfig.Parse(text, unwrapSysConfig: true);
        return parsed.Succeeded ? text : throw new CommandFailedException($"{file}: {parsed.Error}", ExitCode.Misuse);
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(fault.Message, ExitCode.Misuse, fault);
        }
    }
}
