using System.Security.Cryptography;
using Broker.Cli.Terminal;
using Broker.Cryptography;

namespace Broker.Cli.Wallet;

/// <summary>
/// A wallet's private key in a file of its own: 64 lower-case hex digits and a line feed, readable by its owner alone.
/// Meant for agents and for trying Broker out; it is not a place for a key that holds funds.
/// </summary>
internal static class WalletKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int DigitCount = 2 * Secp256k1.PrivateKeySize;

    /// <summary>Writes a fresh key with mode 0600; a file that is there already is never replaced.</summary>
    /// <exception cref="CommandFailedException">The file exists or cannot be written.</exception>
    public static Secp256k1PrivateKey Create(string path)
    {
        var key = Secp256k1PrivateKey.Generate();
        Span<byte> scalar = stackalloc byte[Secp256k1.PrivateKeySize];
        Span<byte> line = stackalloc byte[DigitCount + 1];
        try
        {
            key.ExportTo(scalar);
            Convert.TryToHexStringLower(scalar, line, out _);
            line[^1] = (byte)'\n';
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            });
            file.Write(line);
            file.Flush(flushToDisk: true);
            return key;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new CommandFailedException($"cannot make {path}: {fault.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
            CryptographicOperations.ZeroMemory(line);
        }
    }

    /// <exception cref="CommandFailedException">The file is not there, is open to others, or holds no key.</exception>
    public static Secp256k1PrivateKey Read(string path)
    {
        // One digit and the line feed more than a key has, so that a longer file is seen to be longer.
        Span<byte> text = stackalloc byte[DigitCount + 2];
        Span<byte> scalar = stackalloc byte[Secp256k1.PrivateKeySize];
        try
        {
            using var file = File.OpenRead(path);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != UnixFileMode.None)
                throw new CommandFailedException($"{path} is open to others than its owner; run: chmod 600 {path}");
            var read = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            var digits = text[..read].TrimEnd((byte)'\n');
            return digits.Length == DigitCount
                && Convert.FromHexString(digits, scalar, out _, out _) == System.Buffers.OperationStatus.Done
                && Secp256k1PrivateKey.TryFromBytes(scalar, out var key)
                ? key
                : throw new CommandFailedException($"{path} holds no wallet key (64 hex digits)");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {path}: {fault.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(scalar);
        }
    }
}
