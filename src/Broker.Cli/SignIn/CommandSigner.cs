using System.Diagnostics;
using Broker.Cli.Terminal;
using Broker.Cryptography;

namespace Broker.Cli.SignIn;

/// <summary>
/// Another program signs: the shell command gets the message on standard input, every byte of it, and prints the
/// signature. Its standard error is the person's to read, so a hardware wallet can ask for its button.
/// </summary>
internal sealed class CommandSigner(string command, EthereumAddress address) : IWalletSigner
{
    private const int SignatureDigits = 130;

    public string Address => address.ToString();

    public async Task<string> SignAsync(string message, CancellationToken stop)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(stop);
        try
        {
            await process.StandardInput.WriteAsync(message.AsMemory(), stop);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code and output say more.
        }

        await process.WaitForExitAsync(stop);
        var signature = (await output).Trim();
        if (process.ExitCode != 0)
            throw new CommandFailedException($"the signer ended with exit code {process.ExitCode}");
        return signature.Length == SignatureDigits + 2 && signature.StartsWith("0x", StringComparison.Ordinal)
            && signature.Skip(2).All(char.IsAsciiHexDigit)
            ? signature
            : throw new CommandFailedException(
                $"the signer printed no signature: 0x and {SignatureDigits} hex digits are wanted");
    }

    public void Dispose()
    {
    }
}
