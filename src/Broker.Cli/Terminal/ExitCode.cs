namespace Broker.Cli.Terminal;

/// <summary>What <c>brokerctl</c> says to the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command ran, and what it checked does not hold, or what it tried failed.</summary>
    public const int Failed = 1;

    /// <summary>All that was checked holds, but something that matters was not checked; the output says what.</summary>
    public const int NotAllChecked = 3;

    /// <summary>The command was called in a way that makes no sense: nothing was checked or tried.</summary>
    public const int Misuse = 2;
}
