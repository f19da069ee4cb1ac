using System.Security.Cryptography;
using System.Text;
using Broker.Foundation.Settings;
using Broker.Http;

namespace Broker.Receipts;

/// <summary>
/// The operator's bearer for reading any entry, from the file of <c>BROKER_OPERATOR_TOKEN_FILE</c> (mode 0600). Only
/// its SHA-256 stays in memory; comparison takes constant time.
/// </summary>
internal sealed class OperatorToken
{
    private const int Shortest = 32;
    private const int Longest = 4096;

    private readonly byte[]? _hash;

    private OperatorToken(byte[]? hash) => _hash = hash;

    /// <exception cref="BootFailException">The file is missing, open to others, or its token is too short to be a
    /// secret.</exception>
    public static OperatorToken Load(string? path)
    {
        if (path is null) return new OperatorToken(null);
        BootFailException Fail(string reason) => BootFailException.At(ReceiptSettings.OperatorTokenFile, path, reason);

        if (!File.Exists(path)) throw Fail("no such file; make one: (umask 077; openssl rand -hex 32 > FILE)");
        string token;
        try
        {
            token = SecretFile.ReadText(path, Longest);
        }
        catch (FormatException unusable)
        {
            throw Fail(unusable.Message);
        }

        if (token.Length < Shortest) throw Fail($"holds a token of fewer than {Shortest} characters");
        return new OperatorToken(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }

    public bool Is(BearerToken bearer) =>
        _hash is not null
            && CryptographicOperations.FixedTimeEquals(_hash, SHA256.HashData(Encoding.UTF8.GetBytes(bearer.Text)));
}
