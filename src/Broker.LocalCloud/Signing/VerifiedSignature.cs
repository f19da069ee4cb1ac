using System.Security.Cryptography;
using System.Text;
using Broker.LocalCloud.Identity;

namespace Broker.LocalCloud.Signing;

/// <summary>A request whose signature stands: who signed, and what a chunked body needs to go on from there.</summary>
internal sealed record VerifiedSignature(Principal Caller, SigningScope Scope, string AmzDate, string Seed, byte[] Key)
{
    /// <summary>
    /// Compares in constant time the signature of <paramref name="stringToSign"/> with the one presented.
    /// </summary>
    public static bool Matches(byte[] key, string stringToSign, string presented)
    {
        var expected = Compute(key, stringToSign);
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(presented));
    }

    public static string Compute(byte[] key, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
}
