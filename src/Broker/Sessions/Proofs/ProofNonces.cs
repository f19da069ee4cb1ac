using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Sessions.Proofs;

/// <summary>
/// Nonces for proofs (RFC 9449 §8): each is good for five to ten minutes, and none outlives this process. They follow
/// from the time and a key that only this process has, so that none is kept.
/// </summary>
internal sealed class ProofNonces(TimeProvider time)
{
    private const int Minutes = 5;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The newest.</summary>
    public string Current => Of(Window);

    private long Window => time.GetUtcNow().ToUnixTimeSeconds() / (Minutes * 60);

    public bool IsOurs(string nonce)
    {
        var window = Window;
        var given = Encoding.UTF8.GetBytes(nonce);
        return CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(Of(window)))
            | CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(Of(window - 1)));
    }

    private string Of(long window)
    {
        Span<byte> at = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(at, window);
        return Base64Url.EncodeToString(HMACSHA256.HashData(_key, at).AsSpan(0, 24));
    }
}
