using System.CommandLine;
using System.Text;
using Broker.Cli.Terminal;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;

namespace Broker.Cli.Ledger;

/// <summary>
/// <c>brokerctl ledger policy</c>: a policy (C2SP tlog-policy) for those who verify receipts offline, of a log's key
/// and the witnesses that cosign its checkpoints. What it prints has been read back as a policy.
/// </summary>
internal static class PolicyCommand
{
    private const string GroupName = "witnesses";

    public static Command Create()
    {
        var vkeys = new Option<string[]>("--vkey")
        {
            Description = "a log's verifier key, or a FILE (or @FILE) that holds it; as published at /ledger/vkey",
            Required = true,
            HelpName = "KEY",
        };
        var witnesses = new Option<string[]>("--witness")
        {
            Description = "a witness's verifier key, or URL|KEY as in BROKER_LEDGER_WITNESSES",
            HelpName = "KEY",
        };
        var quorum = new Option<string>("--quorum")
        {
            Description = "how many of the witnesses must have cosigned: all, any, none or a number",
            DefaultValueFactory = _ => "all",
            HelpName = "COUNT",
        };
        var command = new Command("policy", "Print a policy of a log, its witnesses and how many of them must cosign")
        {
            vkeys, witnesses, quorum,
        };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(Format(
                [.. parsed.GetValue(vkeys)!.Select(LedgerFile.ParseVkey)],
                [.. (parsed.GetValue(witnesses) ?? []).Select(ReadWitness)],
                parsed.GetValue(quorum)!));
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Format(NoteKey[] logs, (NoteKey Key, string? Url)[] witnesses, string quorum)
    {
        var isOfNone = quorum == TlogPolicy.NoQuorum;
        if (witnesses.Length == 0 && !isOfNone)
            throw new CommandFailedException("give --witness, or --quorum none", ExitCode.Misuse);

        // A witness may have a key of each algorithm under one name; here they count as two.
        var names = witnesses.Select(one => witnesses.Count(other => other.Key.Name == one.Key.Name) > 1
            ? one.Key.Label
            : one.Key.Name).ToList();
        var text = new StringBuilder();
        foreach (var log in logs) text.Append($"log {log}\n");
        foreach (var (name, (key, url)) in names.Zip(witnesses))
            text.Append($"witness {name} {key}{(url is null ? "" : " " + url)}\n");
        if (!isOfNone) text.Append($"group {GroupName} {quorum} {string.Join(' ', names)}\n");
        text.Append($"quorum {(isOfNone ? TlogPolicy.NoQuorum : GroupName)}\n");
        return TlogPolicy.TryParse(Encoding.UTF8.GetBytes(text.ToString()), out _, out var fault)
            ? text.ToString()
            : throw new CommandFailedException($"this makes no policy: {Table.Printable(fault)}", ExitCode.Misuse);
    }

    private static (NoteKey Key, string? Url) ReadWitness(string text)
    {
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        return (LedgerFile.ParseVkey(text[(bar + 1)..]), bar < 0 ? null : text[..bar]);
    }
}
