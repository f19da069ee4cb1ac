using System.ComponentModel;
using System.Diagnostics;
using Broker.Cli.Terminal;

namespace Broker.Cli.Sessions;

/// <summary>
/// The system's keyring through <c>secret-tool</c> of libsecret. The session goes by standard input, never as an
/// argument.
/// </summary>
internal sealed class Keyring : ISessionStore
{
    private const string Program = "secret-tool";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Name => "the system's keyring";

    /// <summary>A keyring is asked over the session's D-Bus.</summary>
    public static bool IsThere =>
        Environment.GetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS") is { Length: > 0 }
        && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, Program)));

    public async Task KeepAsync(Uri broker, string session, CancellationToken stop)
    {
        var (code, _, error) = await RunAsync(
            ["store", "--label", $"AgentKeys session at {broker.Host}", .. Attributes(broker)], session, stop);
        if (code != 0) throw new CommandFailedException($"the keyring does not keep the session: {error.Trim()}");
    }

    public async Task<string?> FindAsync(Uri broker, CancellationToken stop)
    {
        // secret-tool ends with 1 and says nothing where there is no such secret.
        var (code, output, error) = await RunAsync(["lookup", .. Attributes(broker)], null, stop);
        if (code == 0) return output;
        return error.Trim().Length == 0 ? null : throw new CommandFailedException($"the keyring: {error.Trim()}");
    }

    public Task ForgetAsync(Uri broker, CancellationToken stop) =>
        RunAsync(["clear", .. Attributes(broker)], null, stop);

    private static string[] Attributes(Uri broker) => ["service", "agentkeys", "broker", broker.AbsoluteUri];

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string[] arguments, string? input, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (Exception fault) when (fault is Win32Exception or IOException
            || (fault is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw new CommandFailedException(
                $"{Program} does not work: {fault.Message}; AGENTKEYS_SESSION_STORE=file keeps sessions in files",
                cause: fault);
        }
    }
}
