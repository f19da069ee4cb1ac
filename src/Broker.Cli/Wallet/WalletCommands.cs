using System.CommandLine;
using System.Globalization;
using System.Text;
using Broker.Cli.Terminal;
using Broker.Cryptography;

namespace Broker.Cli.Wallet;

/// <summary>
/// <c>brokerctl wallet</c>: an Ethereum key in a file, for agents that sign in without a wallet application.
/// <code>
/// brokerctl wallet new --key agent.key
/// curl … /v1/auth/wallet/start | jq -j .siwe_message | brokerctl wallet sign --key agent.key
/// </code>
/// </summary>
internal static class WalletCommands
{
    /// <summary>
    /// Sign-in messages have a few hundred bytes; what is longer is not a message for a person to agree to.
    /// </summary>
    private const int MaxMessageBytes = 64 * 1024;

    private const int MaxShownCharacters = 100;

    public static Command Create() => new("wallet", "Make a wallet key, show its address, sign messages with it")
    {
        New(),
        Address(),
        Sign(),
    };

    private static Command New()
    {
        var path = Key("where to write the key, mode 0600; an existing file is never replaced");
        var command = new Command("new", "Make a key and print its address") { path };
        command.SetAction(parsed =>
        {
            using var key = WalletKeyFile.Create(parsed.GetRequiredValue(path));
            Print(parsed, key.PublicKey.Address.ToString());
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Address()
    {
        var path = Key("the key file");
        var command = new Command("address", "Print the address of a key, in lower case") { path };
        command.SetAction(parsed =>
        {
            using var key = WalletKeyFile.Read(parsed.GetRequiredValue(path));
            Print(parsed, key.PublicKey.Address.ToString());
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Sign()
    {
        var path = Key("the key file");
        var message = new Option<string?>("--message-file")
        {
            Description = "the message's bytes; standard input when left out",
        };
        var command = new Command(
            "sign", "Sign a message as personal_sign does (EIP-191) and print r, s and v as 0x and 130 hex digits. "
            + "Every byte of a file counts; of standard input one line feed at the end is left out. "
            + "Standard error says what was signed")
        {
            path, message,
        };
        command.SetAction(async (parsed, stop) =>
        {
            using var key = WalletKeyFile.Read(parsed.GetRequiredValue(path));
            var file = parsed.GetValue(message);
            var signed = await ReadAsync(file, stop);
            var shortened = file is null && signed is [.., (byte)'\n'];
            if (shortened) signed = signed[..^1];
            if (signed.Length == 0) throw new CommandFailedException("there is no message to sign", ExitCode.Misuse);
            var hash = PersonalMessage.Hash(signed);
            var signature = key.SignRecoverable(hash);

            // Wallets write 27 and 28 where the curve has 0 and 1.
            signature[^1] += 27;
            Print(parsed, "0x" + Convert.ToHexStringLower(signature));
            await parsed.InvocationConfiguration.Error.WriteLineAsync(
                $"signed {signed.Length} bytes{(shortened ? " (without the line feed at the end)" : "")}, "
                + $"EIP-191 hash 0x{Convert.ToHexStringLower(hash)}: {FirstLine(signed)}");
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The message's first line as a terminal may show it: bounded, and without control characters.</summary>
    private static string FirstLine(byte[] message)
    {
        var line = message.AsSpan();
        if (line.IndexOf((byte)'\n') is >= 0 and var end) line = line[..end];
        var text = Encoding.UTF8.GetString(line);
        var shown = string.Concat(text.EnumerateRunes().Take(MaxShownCharacters).Select(rune => IsPlain(rune)
            ? rune.ToString() : "?"));
        return shown.Length < text.Length ? $"\"{shown}…\"" : $"\"{shown}\"";
    }

    // Format characters are what turns the direction of writing around.
    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);

    private static Option<string> Key(string description) =>
        new("--key") { Description = description, Required = true };

    private static void Print(ParseResult parsed, string line) => parsed.InvocationConfiguration.Output.WriteLine(line);

    private static async Task<byte[]> ReadAsync(string? path, CancellationToken stop)
    {
        try
        {
            await using var source = path is null ? Console.OpenStandardInput() : File.OpenRead(path);
            var message = new byte[MaxMessageBytes + 1];
            var length = await source.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, stop);
            return length <= MaxMessageBytes
                ? message[..length]
                : throw new CommandFailedException($"a message has at most {MaxMessageBytes} bytes", ExitCode.Misuse);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read the message: {fault.Message}");
        }
    }
}
