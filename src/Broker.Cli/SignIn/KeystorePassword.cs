using System.Text;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.SignIn;

/// <summary>
/// The password of a keystore: the first line of the file that <c>AGENTKEYS_KEYSTORE_PASSWORD_FILE</c> names, or asked
/// for at the terminal without showing it. Never an argument.
/// </summary>
internal static class KeystorePassword
{
    public const string Variable = "AGENTKEYS_KEYSTORE_PASSWORD_FILE";
    private const int Longest = 4096;

    /// <exception cref="CommandFailedException">
    /// There is no such file, it is open to others, or nobody is at the terminal.
    /// </exception>
    public static string Read(string keystore)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path) return OfFile(path);
        if (Console.IsInputRedirected)
        {
            throw new CommandFailedException(
                $"the keystore needs its password: set {Variable} to a file of mode 0600 that holds it");
        }

        Console.Error.Write($"Password of {keystore}: ");
        var password = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key != ConsoleKey.Backspace) password.Append(key.KeyChar);
            else if (password.Length > 0) password.Length--;
        }

        Console.Error.WriteLine();
        return password.ToString();
    }

    private static string OfFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & ~DurableFile.OwnerOnly) != UnixFileMode.None)
                throw new CommandFailedException($"{path} is open to others than its owner; run: chmod 600 {path}");
            if (file.Length > Longest) throw new CommandFailedException($"{path} is too long for a password");
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadLine() ?? "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {path}: {fault.Message}", cause: fault);
        }
    }
}
