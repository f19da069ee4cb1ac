using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Broker.Cli.Terminal;

namespace Broker.Cli.Quotes;

/// <summary>
/// Files that the command line names: bounded, and with one line when they are not what was expected.
/// </summary>
internal static class InputFile
{
    public static byte[] ReadBytes(string path, int most)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > most)
            {
                throw new CommandFailedException($"{path}: {file.Length} bytes, at most {most}", ExitCode.Misuse);
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(fault.Message, ExitCode.Misuse, fault);
        }
    }

    /// <summary>The file's bytes, or what its hex text stands for.</summary>
    public static byte[] ReadBytesOrHex(string path, int most)
    {
        var bytes = ReadBytes(path, (2 * most) + 16);
        var text = bytes.AsSpan().Trim(" \r\n\t"u8);
        if (text.StartsWith("0x"u8)) text = text[2..];
        if (text.IsEmpty || text.Length % 2 != 0) return bytes;

        var decoded = new byte[text.Length / 2];
        return Convert.FromHexString(Encoding.Latin1.GetString(text), decoded, out _, out _) == OperationStatus.Done
            ? decoded
            : bytes;
    }

    /// <summary>A certificate as DER, from DER or PEM.</summary>
    public static byte[] ReadCertificate(string path)
    {
        var bytes = ReadBytes(path, 16 * 1024);
        var text = Encoding.Latin1.GetString(bytes);
        return PemEncoding.TryFind(text, out var fields) && text[fields.Label] == "CERTIFICATE"
            ? Convert.FromBase64String(text[fields.Base64Data])
            : bytes;
    }
}
