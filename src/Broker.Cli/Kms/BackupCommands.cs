using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Kms;

/// <summary>
/// <c>brokerctl kms backup</c> and <c>restore</c>: an encrypted copy of the key folder, under a passphrase from a file
/// or under a random key in recovery shares (<c>1:HEX</c>, one file per custodian).
/// </summary>
internal static class BackupCommands
{
    private const int MinPassphrase = 12;

    public static Command CreateBackup()
    {
        var folder = CertDir();
        var output = new Option<FileInfo>("--out") { Description = "The backup; must not exist", Required = true };
        var passphrase = PassphraseFile();
        var shares = new Option<int>("--shares")
        {
            Description = "Make so many recovery shares in place of a passphrase",
        };
        var threshold = new Option<int>("--threshold") { Description = "So many of them are needed to restore" };
        var sharesDir = new Option<DirectoryInfo?>("--shares-dir")
        {
            Description = "Where the shares go, one file each",
        };
        var command = new Command("backup", "Write an encrypted copy of the key folder");
        foreach (var option in (Option[])[folder, output, passphrase, shares, threshold, sharesDir])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            var count = result.GetValue(shares);
            if ((count > 0) == (result.GetValue(passphrase) is not null))
                result.AddError("--passphrase-file, or --shares with --threshold and --shares-dir");
            if (count > 0 && (result.GetValue(sharesDir) is null || result.GetValue(threshold) < 2
                || result.GetValue(threshold) > count || count > 255))
            {
                result.AddError("--shares N --threshold K --shares-dir DIR, with 2 <= K <= N <= 255");
            }
        });
        command.SetAction(parsed =>
        {
            var files = KeyFolder.Read(parsed.GetRequiredValue(folder).FullName);
            var caPublicKey = KeyFolder.CaPublicKey(files);
            var now = TimeProvider.System.GetUtcNow();
            var path = parsed.GetRequiredValue(output).FullName;
            if (parsed.GetValue(passphrase) is { } secret)
            {
                var backup = KeyBackup.Seal(files, caPublicKey, ReadPassphrase(secret), now);
                WriteNew(path, JsonSerializer.Serialize(backup, BackupJson.Form.KeyBackup));
            }
            else
            {
                var (backup, key) = KeyBackup.Seal(files, caPublicKey, now);
                WriteShares(key, parsed.GetValue(shares), parsed.GetValue(threshold), parsed.GetValue(sharesDir)!);
                WriteNew(path, JsonSerializer.Serialize(backup, BackupJson.Form.KeyBackup));
            }

            parsed.InvocationConfiguration.Output.WriteLine($"backup     {path}");
            parsed.InvocationConfiguration.Output.WriteLine($"ca_pubkey  {caPublicKey}");
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateRestore()
    {
        var folder = CertDir();
        var input = new Option<FileInfo>("--in") { Description = "The backup", Required = true };
        var passphrase = PassphraseFile();
        var share = new Option<FileInfo[]>("--share")
        {
            Description = "A recovery share; as many as the threshold says",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("restore", "Write a key folder from a backup; never over existing keys");
        foreach (var option in (Option[])[folder, input, passphrase, share]) command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var backup = ReadBackup(parsed.GetRequiredValue(input).FullName);
            var key = backup.Kdf == KeyBackup.FromShares
                ? ReadShares(parsed.GetValue(share) ?? [])
                : backup.DeriveKey(ReadPassphrase(parsed.GetValue(passphrase)
                    ?? throw new CommandFailedException("this backup opens with --passphrase-file", ExitCode.Misuse)));
            var files = backup.Open(key)
                ?? throw new CommandFailedException(
                    "the backup does not open: another passphrase or other shares are needed");
            if (KeyFolder.CaPublicKey(files) != backup.CaPubkey)
                throw new CommandFailedException("the backup's keys are not those that it names");

            KeyFolder.Write(parsed.GetRequiredValue(folder).FullName, files);
            parsed.InvocationConfiguration.Output.WriteLine($"restored   {parsed.GetRequiredValue(folder).FullName}");
            parsed.InvocationConfiguration.Output.WriteLine($"ca_pubkey  {backup.CaPubkey}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<DirectoryInfo> CertDir() => new("--cert-dir")
    {
        Description = "The key folder; default: BROKER_KMS_CERT_DIR, or /etc/kms/certs",
        DefaultValueFactory = _ => new DirectoryInfo(
            Environment.GetEnvironmentVariable("BROKER_KMS_CERT_DIR") is { Length: > 0 } path
                ? path
                : "/etc/kms/certs"),
    };

    private static Option<FileInfo?> PassphraseFile() => new("--passphrase-file")
    {
        Description = $"File with the passphrase, at least {MinPassphrase} characters",
    };

    private static string ReadPassphrase(FileInfo file)
    {
        if (IsOpenToOthers(file.FullName))
        {
            throw new CommandFailedException(
                $"{file.FullName} holds a secret that others can read; give it the mode 0600", ExitCode.Misuse);
        }

        var passphrase = ReadText(file.FullName).TrimEnd('\r', '\n');
        return passphrase.Length >= MinPassphrase
            ? passphrase
            : throw new CommandFailedException(
                $"the passphrase needs at least {MinPassphrase} characters", ExitCode.Misuse);
    }

    private static bool IsOpenToOthers(string path)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & others) != 0;
    }

    private static KeyBackup ReadBackup(string path)
    {
        try
        {
            using var document = StrictJson.Parse(Encoding.UTF8.GetBytes(ReadText(path)));
            var backup = document.RootElement.Deserialize(BackupJson.Form.KeyBackup);
            if (backup is { Format: KeyBackup.CurrentFormat, Kdf: KeyBackup.FromShares }) return backup;
            return backup is
            {
                Format: KeyBackup.CurrentFormat, Kdf: KeyBackup.FromPassphrase, Iteration: > 0 and <= 10_000_000,
            }
                ? backup
                : throw new CommandFailedException($"{path}: a backup in a form that this version does not know");
        }
        catch (JsonException malformed)
        {
            throw new CommandFailedException($"{path} is not a backup: {malformed.Message}", cause: malformed);
        }
    }

    private static void WriteShares(byte[] key, int count, int threshold, DirectoryInfo folder)
    {
        folder.Create();
        foreach (var share in SecretShares.Split(key, count, threshold))
        {
            WriteNew(
                Path.Combine(folder.FullName, $"share-{share.Index}.txt"),
                $"{share.Index}:{Convert.ToHexStringLower(share.Value)}\n");
        }

        CryptographicOperations.ZeroMemory(key);
    }

    private static byte[] ReadShares(FileInfo[] files)
    {
        if (files.Length < 2)
            throw new CommandFailedException("this backup opens with --share, at least twice", ExitCode.Misuse);
        try
        {
            return SecretShares.Join([.. files.Select(file => ReadShare(ReadText(file.FullName).Trim()))]);
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException)
        {
            throw new CommandFailedException($"--share: {fault.Message}", ExitCode.Misuse, fault);
        }
    }

    private static SecretShare ReadShare(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 2 && DecimalDigits.TryRead(parts[0], out var index) && index is > 0 and < 256
            && parts[1].Length == 2 * KeyBackup.KeySize
            ? new SecretShare((byte)index, Convert.FromHexString(parts[1]))
            : throw new FormatException("a share has the form NUMBER:HEX");
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path}: {fault.Message}", ExitCode.Misuse, fault);
        }
    }

    private static void WriteNew(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new StreamWriter(path, options);
            file.Write(text);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path}: {fault.Message}", cause: fault);
        }
    }
}
