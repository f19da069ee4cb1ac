namespace Broker.Cli.Terminal;

/// <summary>Ends a command with one line on stderr and an exit code, when there is nothing better to say.</summary>
internal class CommandFailedException(string message, int exitCode = ExitCode.Failed, Exception? cause = null)
    : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Stable, for scripts; null where there is none.</summary>
    public virtual string? Code => null;

    /// <summary>What the person at the terminal can do; null where the message says it.</summary>
    public virtual string? NextStep => null;

    /// <summary>What the broker's operator can change; null where that is nothing.</summary>
    public virtual string? Change => null;
}
