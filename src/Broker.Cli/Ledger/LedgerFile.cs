using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Witness;

namespace Broker.Cli.Ledger;

/// <summary>The options that the ledger's commands share.</summary>
internal static class LedgerFile
{
    /// <summary>A fresh option for the file; an option belongs to one command.</summary>
    public static Option<string> Option() => new("--db")
    {
        Description = "the ledger file (default: BROKER_AUDIT_DB_PATH, or audit.sqlite in BROKER_DATA_DIR)",
        DefaultValueFactory = _ => DefaultPath(),
        HelpName = "FILE",
    };

    public static Option<bool> JsonOption() => new("--json") { Description = "answer in JSON" };

    public static Option<string[]> KnownOption() => new("--known")
    {
        Description = "a checkpoint or receipt kept elsewhere, which the ledger must still contain: " +
            "shows a ledger that was put back to an earlier state",
        HelpName = "FILE",
    };

    /// <summary>Opens the file for reading; one that is not there or no ledger is a misuse.</summary>
    public static LedgerReader Open(string path)
    {
        if (!File.Exists(path)) throw new CommandFailedException($"there is no ledger at \"{path}\"", ExitCode.Misuse);
        try
        {
            return SqliteLedger.OpenReader(path);
        }
        catch (LedgerOpenException e)
        {
            throw new CommandFailedException(e.Message, ExitCode.Misuse, e);
        }
    }

    public static NoteKey ParseVkey(string text)
    {
        var vkey = text.StartsWith('@') ? ReadText(text[1..]).Trim()
            : !NoteKey.TryParse(text, out _) && File.Exists(text) ? ReadText(text).Trim()
            : text;
        return NoteKey.TryParse(vkey, out var key)
            ? key
            : throw new CommandFailedException(
                $"\"{vkey}\" is not a verifier key: name+id+base64, id and key belonging together, " +
                "of an Ed25519 signature or cosignature (types 1 and 4) or an ML-DSA-44 cosignature (type 6)",
                ExitCode.Misuse);
    }

    /// <summary>
    /// A log's key and, before it where it is not the key's name, the log's origin: <c>VKEY</c> or <c>ORIGIN VKEY</c>.
    /// </summary>
    public static WatchedLog ParseLog(string text)
    {
        // A vkey holds no space, an origin may.
        var split = text.LastIndexOf(' ');
        return split <= 0 || File.Exists(text)
            ? new WatchedLog(ParseVkey(text))
            : new WatchedLog(ParseVkey(text[(split + 1)..]), text[..split]);
    }

    public static string ReadText(string path) => NoteText.TryDecode(ReadBytes(path), out var text)
        ? text
        : throw new CommandFailedException($"\"{path}\" is not UTF-8 text", ExitCode.Misuse);

    public static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read \"{path}\": {e.Message}", ExitCode.Misuse, e);
        }
    }

    /// <summary>No more of it than one byte beyond <paramref name="most"/>, which says that it is too long.</summary>
    public static byte[] ReadBytes(string path, int most)
    {
        try
        {
            using var file = File.OpenRead(path);
            var buffer = new byte[most + 1];
            return buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read \"{path}\": {e.Message}", ExitCode.Misuse, e);
        }
    }

    private static string DefaultPath()
    {
        if (Environment.GetEnvironmentVariable("BROKER_AUDIT_DB_PATH") is { Length: > 0 } path) return path;
        var folder = Environment.GetEnvironmentVariable("BROKER_DATA_DIR") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".agentkeys", "broker");
        return Path.Combine(folder, "audit.sqlite");
    }
}
