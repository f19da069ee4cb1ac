using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Clients;

/// <summary>
/// <c>brokerctl</c> as it was built, and the programs that use what it gives: each a process with a home of its own,
/// nothing of this machine's AWS, and one session by <c>AGENTKEYS_SESSION_TOKEN</c>.
/// </summary>
internal sealed class BrokerCtl(Uri broker, WalletSession session, TemporaryFolder home)
{
    /// <summary>Runs it to its end.</summary>
    public async Task<string> RunAsync(params string[] arguments) =>
        (await Command.RunAsync("dotnet", [Assembly, .. arguments], Environment())).OrThrow();

    /// <summary>Runs another program, which knows nothing of the session.</summary>
    public async Task<string> RunProgramAsync(
        string program, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        var environment = Environment();
        environment["AGENTKEYS_SESSION_TOKEN"] = null;
        foreach (var (name, value) in variables) environment[name] = value;
        return (await Command.RunAsync(program, arguments, environment)).OrThrow();
    }

    private static string Assembly => Path.Combine(
        Fixtures.RepositoryRoot, "src", "Broker.Cli",
        Path.GetRelativePath(
            Path.Combine(Fixtures.RepositoryRoot, "tests", "Broker.EndToEnd"), AppContext.BaseDirectory),
        "brokerctl.dll");

    private Dictionary<string, string?> Environment() => new(StringComparer.Ordinal)
    {
        ["HOME"] = home.Path,
        ["XDG_STATE_HOME"] = null,
        ["DOTNET_CLI_HOME"] = home.Path,
        ["AGENTKEYS_BROKER_URL"] = broker.AbsoluteUri,
        ["AGENTKEYS_SESSION_TOKEN"] = session.Token,
        ["AGENTKEYS_SESSION_STORE"] = "file",
        ["AWS_REGION"] = "us-east-1",
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_CONFIG_FILE"] = home.File("aws-config"),
        ["AWS_SHARED_CREDENTIALS_FILE"] = home.File("aws-credentials"), // of which there is none
        ["AWS_PROFILE"] = null,
        ["PYTHONPATH"] = null,
    };
}
