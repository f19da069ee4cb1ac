using System.Security.Cryptography;
using System.Text;

namespace Broker.Kms.Admin;

/// <summary>Compares an operator's token with the expected one, by SHA-256 and in constant time.</summary>
internal sealed class AdminToken
{
    private readonly byte[]? _sha256;

    private AdminToken(byte[]? sha256) => _sha256 = sha256;

    /// <summary>The token in the clear; empty means that no token is right.</summary>
    public static AdminToken FromText(string token) =>
        new(token.Length == 0 ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>The token's SHA-256 in hex; empty means that no token is right.</summary>
    public static AdminToken FromSha256(string hex) => new(hex.Length == 0 ? null : Convert.FromHexString(hex));

    public bool IsSet => _sha256 is not null;

    public bool Matches(string presented) =>
        _sha256 is not null
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), _sha256);
}
