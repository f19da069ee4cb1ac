using System.CommandLine;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Foundation;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;

namespace Broker.Cli.Ledger;

/// <summary>
/// Whom a command trusts: <c>--vkey</c> names a log's key, <c>--policy</c> a file of logs, witnesses and a quorum (C2SP
/// tlog-policy). Both together are for a policy that names no log.
/// </summary>
internal sealed class TrustOptions
{
    private readonly Option<string[]> _vkeys = new("--vkey")
    {
        Description = "the log's verifier key, or a FILE (or @FILE) that holds it; as published at /ledger/vkey",
        HelpName = "KEY",
    };

    private readonly Option<string?> _policy = new("--policy")
    {
        Description = "in place of --vkey: a file in the form of C2SP tlog-policy, with logs, witnesses and a quorum",
        HelpName = "FILE",
    };

    private readonly Option<string?> _successions = new("--succession")
    {
        Description = "the answer of /ledger/successions: keys that a trusted key of the log vouches for are trusted too",
        HelpName = "FILE",
    };

    private readonly bool _takesOrigins;

    /// <param name="takesOrigins">Whether a log may be given as <c>ORIGIN VKEY</c>.</param>
    public TrustOptions(bool takesOrigins = false)
    {
        _takesOrigins = takesOrigins;
        if (takesOrigins)
            _vkeys.Description += "; where the log's origin line is not the key's name, \"ORIGIN VKEY\"";
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_vkeys);
        command.Options.Add(_policy);
        command.Options.Add(_successions);
    }

    /// <summary>
    /// What the options say: the policy of the file, or one of the keys alone, which needs no witness. Null where
    /// neither was given.
    /// </summary>
    /// <exception cref="CommandFailedException">A key or the file cannot be read, or both name logs.</exception>
    public Trust? Read(ParseResult parsed)
    {
        var trust = ReadGiven(parsed);
        if (parsed.GetValue(_successions) is not { } path) return trust;
        if (trust is null) throw Misuse("--succession needs the key that it begins with: give --vkey or --policy");
        var logs = trust.Policy.Logs;
        var vouched = KeySuccession.Trusted(logs.Select(log => log.Key), ReadSuccessions(path))
            .Where(key => logs.All(log => log.Key.ToString() != key.ToString()));
        return trust with
        {
            Policy = trust.Policy with { Logs = [.. logs, .. vouched.Select(key => new PolicyLog(key))] },
        };
    }

    private Trust? ReadGiven(ParseResult parsed)
    {
        var logs = (parsed.GetValue(_vkeys) ?? []).Select(ReadLog).ToList();
        if (parsed.GetValue(_policy) is not { } path)
            return logs.Count > 0 ? new Trust(new TlogPolicy { Logs = logs }, IsPolicyGiven: false) : null;
        if (!TlogPolicy.TryParse(LedgerFile.ReadBytes(path, TlogPolicy.MaxLength), out var policy, out var fault))
            throw Misuse($"\"{path}\" is not a policy: {Table.Printable(fault)}");

        return (policy.Logs.Count > 0, logs.Count > 0) switch
        {
            (true, false) => new Trust(policy, IsPolicyGiven: true),
            (false, true) => new Trust(policy with { Logs = logs }, IsPolicyGiven: true),
            (true, true) => throw Misuse($"\"{path}\" names its logs; leave out --vkey"),
            _ => throw Misuse($"\"{path}\" names no log; give the log's key by --vkey"),
        };
    }

    /// <summary>The notes of the route's answer, each verified by the keys that it names.</summary>
    private static List<KeySuccession> ReadSuccessions(string path)
    {
        try
        {
            using var answer = StrictJson.Parse(LedgerFile.ReadBytes(path, SignedNote.MaxLength));
            return
            [
                .. answer.RootElement.GetProperty("successions").EnumerateArray()
                    .Select(note => KeySuccession.TryParse(note.GetString() ?? "", out var one)
                        ? one
                        : throw Misuse($"\"{path}\" holds a note that its two keys have not signed")),
            ];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CommandFailedException(
                $"\"{path}\" is not an answer of /ledger/successions: {e.Message}", ExitCode.Misuse, e);
        }
    }

    private PolicyLog ReadLog(string text)
    {
        if (!_takesOrigins) return new PolicyLog(LedgerFile.ParseVkey(text));
        var log = LedgerFile.ParseLog(text);
        return new PolicyLog(log.Key, log.Origin ?? log.Key.Name);
    }

    private static CommandFailedException Misuse(string message) => new(message, ExitCode.Misuse);
}
