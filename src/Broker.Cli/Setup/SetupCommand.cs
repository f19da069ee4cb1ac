using System.CommandLine;
using System.Text;
using System.Text.Json.Serialization;
using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.Setup;

/// <summary>What <c>brokerctl setup aws --json</c> prints.</summary>
internal sealed record SetupAnswer(string File, bool Changed, IReadOnlyList<string> Profiles, string Diff);

/// <summary><c>brokerctl setup aws</c>: profiles for AWS's clients, shown before they are written.</summary>
internal static class SetupCommand
{
    public static Command Create() => new("setup", "Set other programs up to use the broker") { CreateAws() };

    private static Command CreateAws()
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "do not ask" };
        var undo = new Option<bool>("--undo") { Description = "take away what was written" };
        var container = new Option<bool>("--container")
        {
            Description = "write nothing; print the container variables for --role, with the session token in them",
        };
        var role = new Option<string?>("--role") { Description = "only this role, by name or ARN" };
        var prefix = new Option<string>("--profile-prefix")
        {
            Description = "what the profiles' names begin with",
            DefaultValueFactory = _ => "agentkeys",
        };
        var shared = new ClientOptions();
        var command = new Command("aws", "Write a profile for each of your roles into ~/.aws/config, after showing it")
        {
            yes, undo, container, role, prefix,
        };
        shared.AddTo(command);
        command.Validators.Add(given =>
        {
            if (given.GetResult(undo) is { Implicit: false } && given.GetResult(container) is { Implicit: false })
                given.AddError("give one of --undo, --container");
        });
        command.SetAction(async (parsed, stop) =>
        {
            if (parsed.GetValue(undo))
            {
                var written = AwsConfigFile.Open();
                var rest = written.Content is { } content ? ManagedBlock.TakeOut(content) : null;
                return Change(parsed, shared, written, rest, [], parsed.GetValue(yes));
            }

            var url = shared.Address(parsed);
            var token = await SessionKeeper.Create().TokenAsync(url, stop);
            using var broker = BrokerConnection.To(url);
            var known = await broker.GetAsync("v1/roles", token, ClientJson.Default.Roles, stop);
            if (parsed.GetValue(container))
            {
                PrintVariables(parsed.InvocationConfiguration.Output, url, token, One(known, parsed.GetValue(role)));
                return ExitCode.Ok;
            }

            var roles = Chosen(known, parsed.GetValue(role));
            var names = roles.Select(one => AwsProfiles.NameOf(parsed.GetValue(prefix)!, one)).ToList();
            var file = AwsConfigFile.Open();
            RefuseClash(file, names);
            var changed = ManagedBlock.Put(file.Content, AwsProfiles.Write(url, parsed.GetValue(prefix)!, roles));
            return Change(parsed, shared, file, changed, names, parsed.GetValue(yes));
        });
        return command;
    }

    /// <summary>Shows the change, asks, and writes.</summary>
    private static int Change(
        ParseResult parsed, ClientOptions shared, AwsConfigFile file, byte[]? content, List<string> names, bool yes)
    {
        var settings = parsed.InvocationConfiguration;
        var diff = UnifiedDiff.Of(file.Path, Text(file.Content), Text(content));
        var isChange = diff.Length > 0;
        if (isChange && !yes)
        {
            settings.Error.Write(Shown(diff));
            settings.Error.Write($"Change {file.Path} so? [y/N] ");
            settings.Error.Flush();
            if (Console.In.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
                throw new CommandFailedException("nothing is changed; --yes changes without asking");
        }

        if (isChange) file.Write(content);
        if (shared.IsJson(parsed))
        {
            var answer = new SetupAnswer(file.Path, isChange, names, diff);
            JsonOutput.Write(settings.Output, answer, SetupJson.Indented.SetupAnswer);
            return ExitCode.Ok;
        }

        if (isChange && yes) settings.Output.Write(Shown(diff));
        settings.Output.WriteLine(isChange ? $"{file.Path} is changed" : $"{file.Path} needs no change");
        foreach (var name in names) settings.Output.WriteLine($"  aws --profile {name} s3 ls");
        return ExitCode.Ok;
    }

    /// <summary>AWS's clients take the later of two sections of a name, or neither.</summary>
    private static void RefuseClash(AwsConfigFile file, List<string> names)
    {
        var lines = ManagedBlock.Others(file.Content ?? []).Split('\n').Select(line => line.Trim()).ToHashSet();
        if (names.FirstOrDefault(name => lines.Contains($"[profile {name}]")) is { } taken)
        {
            throw new CommandFailedException(
                $"{file.Path} has a profile {taken} already; choose other names with --profile-prefix");
        }
    }

    private static List<Role> Chosen(Client.Roles known, string? wanted)
    {
        var granted = known.All.Where(one => one.Granted).ToList();
        if (wanted is not null) return [One(known, wanted)];
        return granted.Count > 0
            ? granted
            : throw new CommandFailedException("this broker gives you no role; brokerctl roles says why");
    }

    private static Role One(Client.Roles known, string? wanted) =>
        known.All.FirstOrDefault(one => wanted is null ? one.IsDefault : one.Name == wanted || one.Arn == wanted)
        ?? throw new CommandFailedException(wanted is null
            ? "this broker has no default role; name one with --role (brokerctl roles lists them)"
            : $"this broker has no role {wanted}; brokerctl roles lists those that it has");

    private static void PrintVariables(TextWriter output, Uri url, string token, Role role)
    {
        var address = new Uri(url, $"v1/aws/credentials/{Uri.EscapeDataString(role.Name)}").AbsoluteUri;
        foreach (var (name, value) in ((string, string)[])
            [
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", address), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", token),
                ("AWS_REGION", role.Region), ("AWS_DEFAULT_REGION", role.Region),
            ])
        {
            output.WriteLine($"export {name}={CredentialFormat.ForShell(value)}");
        }
    }

    private static string? Text(byte[]? content) => content is null ? null : Encoding.UTF8.GetString(content);

    /// <summary>A file of the user's, but its control characters are not for the terminal.</summary>
    private static string Shown(string diff) =>
        string.Concat(diff.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '?' : c));
}

[JsonSerializable(typeof(SetupAnswer))]
internal sealed partial class SetupJson : JsonSerializerContext
{
    public static SetupJson Indented { get; } = new(JsonOutput.Indented);
}
