using System.Text;
using Broker.Foundation;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Policies;

/// <summary>
/// Reads a policy file (C2SP tlog-policy, "Policy file syntax and structure"). Octets stand here as the characters of
/// the same numbers, so that names are compared as octets.
/// </summary>
internal sealed class PolicyReader
{
    private readonly List<PolicyLog> _logs = [];
    private readonly List<PolicyWitness> _witnesses = [];
    private readonly List<PolicyGroup> _groups = [];
    private readonly Dictionary<string, PolicyMember> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _grouped = new(StringComparer.Ordinal);
    private PolicyMember? _quorum;
    private bool _hasQuorum;

    /// <summary>Null when the file can be read, else what is wrong with it, and in which line.</summary>
    public string? FindFault(ReadOnlySpan<byte> file)
    {
        if (file.Length > TlogPolicy.MaxLength) return $"longer than {TlogPolicy.MaxLength} bytes";
        for (var number = 1; !file.IsEmpty; number++)
        {
            // Half a line could be a name that was cut off, and the shorter name another quorum.
            var end = file.IndexOf((byte)'\n');
            if (end < 0) return $"line {number}: the line does not end in a newline";
            if (FindLineFault(file[..end]) is { } fault) return $"line {number}: {fault}";
            file = file[(end + 1)..];
        }

        return _hasQuorum ? null : "there is no line \"quorum\"; \"quorum none\" needs no witness";
    }

    public TlogPolicy ToPolicy() =>
        new() { Logs = _logs, Witnesses = _witnesses, Groups = _groups, Quorum = _quorum };

    private string? FindLineFault(ReadOnlySpan<byte> line)
    {
        foreach (var octet in line)
        {
            if (octet is < 0x20 and not (byte)'\t' or 0x7f) return $"has the control character 0x{octet:x2}";
        }

        var fields = Encoding.Latin1.GetString(line).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return fields switch
        {
            [] => null,
            [['#', ..], ..] => null,
            ["log", var key] => AddLog(key, null),
            ["log", var key, var url] => AddLog(key, url),
            ["log", ..] => "wants: log <vkey> [<url>]",
            ["witness", var name, var key] => AddWitness(name, key, null),
            ["witness", var name, var key, var url] => AddWitness(name, key, url),
            ["witness", ..] => "wants: witness <name> <vkey> [<url>]",
            ["group", var name, var threshold, .. { Length: > 0 } members] => AddGroup(name, threshold, members),
            ["group", ..] => "wants: group <name> all|any|<k> <name>...",
            ["quorum", var name] => SetQuorum(name),
            ["quorum", ..] => "wants: quorum <name>",
            [var other, ..] => $"begins with {Shown(other)}, and not with log, witness, group, quorum or #",
        };
    }

    private string? AddLog(string field, string? url)
    {
        if (_logs.Count == TlogPolicy.MaxOfEach) return $"more than {TlogPolicy.MaxOfEach} logs";
        if (ReadKey(field) is not { } key) return NotAKey(field);

        // A log signs with Ed25519, or as a cosigner of its own tree (C2SP tlog-checkpoint, "Signatures").
        if (key.Type is not (NoteKeyType.Ed25519 or NoteKeyType.MLDsa44Cosignature))
            return "the vkey is not a log's: its type must be 1 (Ed25519) or 6 (ML-DSA-44 cosignature)";
        if (_logs.Any(log => log.Key.HasKeyOf(key))) return "the public key is already that of another log";
        _logs.Add(new PolicyLog(key) { Url = Text(url) });
        return null;
    }

    private string? AddWitness(string name, string field, string? url)
    {
        if (_witnesses.Count == TlogPolicy.MaxOfEach) return $"more than {TlogPolicy.MaxOfEach} witnesses";
        if (FindNameFault(name) is { } fault) return fault;
        if (ReadKey(field) is not { } key) return NotAKey(field);
        if (key.Type is not (NoteKeyType.CosignatureV1 or NoteKeyType.MLDsa44Cosignature))
        {
            return "the vkey is not a witness's: its type must be 4 (Ed25519 cosignature) or 6 (ML-DSA-44 "
                + "cosignature)";
        }

        if (_witnesses.Find(witness => witness.Key.HasKeyOf(key)) is { } same)
            return $"the public key is already that of the witness \"{same.Name}\"";
        var added = new PolicyWitness(Text(name)!, key, Text(url));
        _witnesses.Add(added);
        _members.Add(name, added);
        return null;
    }

    private string? AddGroup(string name, string threshold, string[] names)
    {
        if (_groups.Count == TlogPolicy.MaxOfEach) return $"more than {TlogPolicy.MaxOfEach} groups";
        if (FindNameFault(name) is { } fault) return fault;
        var members = new List<PolicyMember>(names.Length);
        foreach (var one in names)
        {
            if (one == TlogPolicy.NoQuorum) return "\"none\" cannot be a member of a group";
            if (!_members.TryGetValue(one, out var member)) return NotDefined(one);
            if (!_grouped.Add(one)) return $"{Shown(one)} is already a member of a group";
            members.Add(member);
        }

        var needed = threshold switch
        {
            "all" => members.Count,
            "any" => 1,
            _ => DecimalDigits.TryRead(threshold, out var number) && number <= (ulong)members.Count ? (int)number : 0,
        };
        if (needed == 0)
            return $"the threshold {Shown(threshold)} is not all, any, or a number from 1 to {members.Count}";
        var added = new PolicyGroup(Text(name)!, needed, members);
        _groups.Add(added);
        _members.Add(name, added);
        return null;
    }

    private string? SetQuorum(string name)
    {
        if (_hasQuorum) return "a second quorum";
        if (name != TlogPolicy.NoQuorum && !_members.TryGetValue(name, out _quorum)) return NotDefined(name);
        _hasQuorum = true;
        return null;
    }

    private string? FindNameFault(string name) =>
        name == TlogPolicy.NoQuorum ? "the name \"none\" is taken: it is the quorum that needs no witness"
        : _members.ContainsKey(name) ? $"the name {Shown(name)} is already a witness's or a group's"
        : null;

    private static NoteKey? ReadKey(string field) =>
        NoteText.TryDecode(Encoding.Latin1.GetBytes(field), out var vkey) && NoteKey.TryParse(vkey, out var key)
            ? key
            : null;

    private static string NotAKey(string field) =>
        $"{Shown(field)} is not a verifier key: name+id+base64, id and key belonging together, of type 1, 4 or 6";

    private static string NotDefined(string name) => $"{Shown(name)} is not defined on a line before this one";

    private static string? Text(string? octets) =>
        octets is null ? null : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(octets));

    // For a message: a key of ML-DSA-44 would fill the screen.
    private static string Shown(string octets)
    {
        const int longest = 80;
        var text = Text(octets)!;
        return text.Length <= longest ? $"\"{text}\"" : $"\"{text[..longest]}…\"";
    }
}
