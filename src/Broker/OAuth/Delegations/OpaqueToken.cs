using System.Buffers.Text;
using System.Security.Cryptography;

namespace Broker.OAuth.Delegations;

/// <summary>A code or refresh token: 32 random bytes in base64url. Only its SHA-256 is kept.</summary>
internal static class OpaqueToken
{
    private const int Bytes = 32;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
}
