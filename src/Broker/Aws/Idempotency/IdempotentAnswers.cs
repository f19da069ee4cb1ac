using System.Security.Cryptography;
using System.Text;
using Broker.Http;

namespace Broker.Aws.Idempotency;

/// <summary>What became of an attempt to begin under a key.</summary>
internal enum IdempotencyState
{
    /// <summary>Nobody used the key: it is reserved for this request now.</summary>
    Reserved,

    /// <summary>Another request with this key is under way.</summary>
    UnderWay,

    /// <summary>The key was used for a request with another body.</summary>
    OtherBody,

    /// <summary>The request was answered; here is the answer.</summary>
    Answered,
}

/// <summary>Where answers are kept, sealed, for five minutes. Durable when a method returns.</summary>
internal interface IIdempotencyStore
{
    (IdempotencyState State, byte[]? SealedAnswer) Begin(string scope, string bodyHash, DateTimeOffset reservedUntil);

    void Complete(string scope, byte[] sealedAnswer, DateTimeOffset keptUntil);

    void Abandon(string scope);
}

/// <summary>
/// <c>Idempotency-Key</c> (contract §2.8): the same key, bearer and body within five minutes gets the same answer
/// again. At rest the answer is AES-256-GCM under a key that HKDF-SHA256 (RFC 5869) derives from the bearer, which the
/// broker does not store: whoever reads the file without the bearer reads nothing.
/// </summary>
internal sealed class IdempotentAnswers(IIdempotencyStore store, TimeProvider time)
{
    public const string Header = "Idempotency-Key";

    private const int LongestKey = 255;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Longer than any mint takes, and short enough that a killed process does not block its client for long.
    /// </summary>
    private static readonly TimeSpan Reserved = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Begins under the request's key. The value holds the answer when there is one already; null where the request has
    /// no key. Otherwise the caller must <see cref="IdempotentRequest.Complete"/> or dispose it.
    /// </summary>
    public Outcome<IdempotentRequest> Begin(HttpRequest request, BearerToken bearer, ReadOnlySpan<byte> body)
    {
        var header = request.Headers[Header];
        if (header.Count == 0) return IdempotentRequest.Without;
        if (header.Count > 1 || header[0] is not { Length: > 0 and <= LongestKey } key
            || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return new Refusal(RefusalCode.InvalidIdempotencyKey,
                $"{Header} must be 1 to {LongestKey} printable ASCII characters, once");
        }

        var scope = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Path}\n{bearer.Hash}\n{key}")));
        var bodyHash = Convert.ToHexStringLower(SHA256.HashData(body));
        var (state, sealedAnswer) = store.Begin(scope, bodyHash, time.GetUtcNow() + Reserved);
        return state switch
        {
            IdempotencyState.UnderWay => new Refusal(
                RefusalCode.IdempotencyKeyInUse, "a request with this Idempotency-Key is under way")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            },
            IdempotencyState.OtherBody => new Refusal(
                RefusalCode.IdempotencyKeyReused, "this Idempotency-Key was used for another body"),
            IdempotencyState.Answered => new IdempotentRequest(this, scope, DeriveKey(bearer, scope))
            {
                Answer = Open(sealedAnswer!, DeriveKey(bearer, scope)),
            },
            _ => new IdempotentRequest(this, scope, DeriveKey(bearer, scope)),
        };
    }

    internal void Complete(string scope, byte[] key, ReadOnlySpan<byte> answer) =>
        store.Complete(scope, Seal(answer, key), time.GetUtcNow() + Kept);

    internal void Abandon(string scope) => store.Abandon(scope);

    private static byte[] DeriveKey(BearerToken bearer, string scope) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(bearer.Text), 32, Encoding.ASCII.GetBytes(scope),
        "broker idempotency v1"u8.ToArray());

    private static byte[] Seal(ReadOnlySpan<byte> answer, byte[] key)
    {
        var box = new byte[NonceLength + TagLength + answer.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(
            box.AsSpan(0, NonceLength), answer, box.AsSpan(NonceLength + TagLength),
            box.AsSpan(NonceLength, TagLength));
        return box;
    }

    private static byte[] Open(byte[] box, byte[] key)
    {
        var answer = new byte[box.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(key, TagLength);
        cipher.Decrypt(
            box.AsSpan(0, NonceLength), box.AsSpan(NonceLength + TagLength), box.AsSpan(NonceLength, TagLength),
            answer);
        return answer;
    }
}

/// <summary>A request under an idempotency key; disposing it without an answer frees the key for another try.</summary>
internal sealed class IdempotentRequest(IdempotentAnswers? answers, string scope, byte[] key) : IDisposable
{
    private bool _settled = answers is null;

    /// <summary>A request that has no key.</summary>
    public static IdempotentRequest Without => new(null, "", []);

    /// <summary>The answer that was given before, as it was.</summary>
    public byte[]? Answer
    {
        get;
        init
        {
            field = value;
            _settled = true;
        }
    }

    /// <summary>Keeps the answer for repeats; durable when it returns.</summary>
    public void Complete(ReadOnlySpan<byte> answer)
    {
        if (_settled) return;
        answers!.Complete(scope, key, answer);
        _settled = true;
    }

    public void Dispose()
    {
        if (!_settled) answers!.Abandon(scope);
        CryptographicOperations.ZeroMemory(key);
    }
}
