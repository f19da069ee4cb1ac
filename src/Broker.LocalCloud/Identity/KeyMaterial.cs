using System.Security.Cryptography;

namespace Broker.LocalCloud.Identity;

/// <summary>Fresh identifiers and secrets in the forms that AWS gives them.</summary>
internal static class KeyMaterial
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>
    /// Twenty characters: <paramref name="prefix"/> (<c>ASIA</c>, <c>AKIA</c>, <c>AROA</c>, <c>AIDA</c>) and 80 random
    /// bits.
    /// </summary>
    public static string Id(string prefix) => prefix + RandomNumberGenerator.GetString(Base32, 16);

    /// <summary>Forty characters of base64: 240 random bits.</summary>
    public static string Secret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(30));

    /// <summary>An opaque token of 256 random bytes in base64; it means nothing but in this process.</summary>
    public static string SessionToken() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(256));
}
