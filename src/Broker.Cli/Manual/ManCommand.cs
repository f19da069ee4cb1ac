using System.CommandLine;
using System.Reflection;
using Broker.Cli.Terminal;

namespace Broker.Cli.Manual;

/// <summary><c>brokerctl man</c>: a manual page, made of the commands themselves.</summary>
internal static class ManCommand
{
    public static Command Create()
    {
        var command = new Command("man", "Print a manual page: brokerctl man | man -l -");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(Page(parsed.RootCommandResult.Command));
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Page(Command root)
    {
        var version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3);
        var page = new Roff()
            .Title("brokerctl", 1, BuiltOn(), $"brokerctl {version}")
            .Section("Name").Text("brokerctl - sign in at a Broker, and use its credentials, ledger and KMS")
            .Section("Synopsis").Text("brokerctl COMMAND [OPTION]...")
            .Section("Description")
            .Text("Broker turns a proven identity into a short-lived credential, and puts each one on record first. "
                + "brokerctl signs in there, gives what it gets to AWS's clients, and checks what is on record.")
            .Paragraph()
            .Text("Every command takes --help. A command that talks to a broker takes --json, and its errors are JSON "
                + "then too.")
            .Section("Examples")
            .Example(
                "brokerctl login --email me@example.org",
                "brokerctl roles",
                "eval \"$(brokerctl creds --role vault)\"",
                "brokerctl run --role vault -- aws s3 ls",
                "brokerctl run --serve -- my-agent",
                "brokerctl setup aws")
            .Section("Commands");
        foreach (var (path, command) in Leaves(root, "")) Describe(page, path, command);
        WriteEnd(page);
        return page.ToString();
    }

    private static void Describe(Roff page, string path, Command command)
    {
        var arguments = command.Arguments.Where(one => !one.Hidden).ToList();
        page.Subsection(string.Join(' ', [path, .. arguments.Select(one => one.Name)]))
            .Text($"{command.Description}.");
        foreach (var argument in arguments.Where(one => one.Description is not null))
            page.Item(argument.Name, $"{argument.Description}.");
        foreach (var option in command.Options.Where(one => one is { Hidden: false, Name: not "--help" }))
        {
            var names = string.Join(", ", option.Aliases.Prepend(option.Name));
            var value = option.ValueType == typeof(bool) ? "" : $" {option.HelpName ?? "VALUE"}";
            page.Item(names + value, $"{option.Description}.");
        }
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command parent, string path) =>
        parent.Subcommands.Where(one => !one.Hidden).SelectMany(one => one.Subcommands.Count == 0
            ? [($"{path}{one.Name}", one)]
            : Leaves(one, $"{path}{one.Name} "));

    private static void WriteEnd(Roff page) => page
        .Section("Environment")
        .Item(Client.BrokerAddress.Variable, "The broker's address; --broker-url goes before it.")
        .Item(Sessions.SessionKeeper.TokenVariable, "A session token; it goes before the session that login keeps.")
        .Item(Sessions.SessionKeeper.StoreVariable, "Where login keeps the session: file or keyring.")
        .Item("AWS_REGION, AWS_DEFAULT_REGION", "The region of credentials; --region goes before them.")
        .Item("AWS_CONFIG_FILE", "What setup aws writes to.")
        .Section("Files")
        .Item("$XDG_STATE_HOME/agentkeys, ~/.local/state/agentkeys", "Sessions and kept credentials, mode 0600.")
        .Section("Exit status")
        .Item("0", "It is done.")
        .Item("1", "It failed, or what was checked does not hold.")
        .Item("2", "The command was called in a way that makes no sense.")
        .Item("3", "All that was checked holds, but not all was checked.")
        .Item("126, 127", "The command of run cannot be run, or is not there; else run ends as its command.");

    /// <summary>Of this program's file.</summary>
    private static DateOnly BuiltOn() => Environment.ProcessPath is { } program
        ? DateOnly.FromDateTime(File.GetLastWriteTimeUtc(program))
        : DateOnly.FromDateTime(DateTime.UnixEpoch);
}
