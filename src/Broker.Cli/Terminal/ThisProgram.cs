namespace Broker.Cli.Terminal;

/// <summary>How this program is started again.</summary>
internal static class ThisProgram
{
    /// <summary>The native program; or <c>dotnet</c> and the assembly.</summary>
    public static IReadOnlyList<string> Words
    {
        get
        {
            var program = Environment.ProcessPath
                ?? throw new CommandFailedException("cannot find this program's own file");
            return Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? [program, Path.Combine(AppContext.BaseDirectory, "brokerctl.dll")]
                : [program];
        }
    }
}
