using System.CommandLine;
using System.Security.Cryptography;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tee;

/// <summary>
/// <c>brokerctl tee</c>: confidential VMs for a laptop. Their quotes are genuine structures under a root of one's
/// own, so the verifier judges them as it judges Intel's; no check is turned off anywhere.
/// </summary>
internal static class TeeCommands
{
    public static Command Create()
    {
        var command = new Command("tee", "Simulate confidential VMs that the verifier judges like real ones");
        command.Subcommands.Add(CreatePki());
        command.Subcommands.Add(CreateSimulate());
        return command;
    }

    private static Command CreatePki()
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = "Where the hierarchy goes; made when it is not there",
        };
        var command = new Command("pki", "Make an SGX certificate hierarchy; its root is DIR/root-ca.der");
        command.Arguments.Add(folder);
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(folder).FullName;
            using var pki = SimulatedPki.Create(TimeProvider.System.GetUtcNow());
            try
            {
                pki.Save(path);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new CommandFailedException($"no hierarchy made in {path}: {fault.Message}", cause: fault);
            }

            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"root      {Path.Combine(path, "root-ca.der")}");
            output.WriteLine($"sha-256   {Convert.ToHexStringLower(SHA256.HashData(pki.Root.Span))}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateSimulate()
    {
        var options = new SimulateOptions();
        var command = new Command(
            "simulate", "Run a guest agent on a unix socket, and a PCCS on loopback, for one simulated machine");
        options.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            await TeeSimulator.RunAsync(
                options.Read(parsed), TimeProvider.System, parsed.InvocationConfiguration.Output, stop);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The statuses that a platform can be given.</summary>
    internal static readonly TcbStatus[] PlatformStatuses =
    [
        .. Enum.GetValues<TcbStatus>()
            .Except([TcbStatus.TDRelaunchAdvised, TcbStatus.TDRelaunchAdvisedConfigurationNeeded]),
    ];
}
