namespace Broker.Cli.Terminal;

/// <summary>Ends a command with one line on stderr and an exit code, when there is nothing better to say.</summary>
internal sealed class CommandFailedException(string message, int exitCode = ExitCode.Failed, Exception? cause = null)
    : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}
