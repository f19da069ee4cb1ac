using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Metrics;
using Broker.Releases;

namespace Broker.Aws.Idempotency;

/// <summary>What became of an attempt to begin under a key.</summary>
internal enum IdempotencyState
{
    /// <summary>Nobody used the key: it is reserved for this request now.</summary>
    Reserved,

    /// <summary>Another request with this key is under way.</summary>
    UnderWay,

    /// <summary>The key was used for another request.</summary>
    OtherRequest,

    /// <summary>The request was answered; here is the answer.</summary>
    Answered,
}

/// <summary>Where answers are kept, sealed, for five minutes. Durable when a method returns.</summary>
internal interface IIdempotencyStore
{
    (IdempotencyState State, byte[]? SealedAnswer) Begin(
        string scope, string fingerprint, DateTimeOffset reservedUntil);

    /// <summary>What <see cref="Begin"/> would find. Reserves nothing.</summary>
    IdempotencyState Look(string scope, string fingerprint);

    void Complete(string scope, byte[] sealedAnswer, DateTimeOffset keptUntil);

    void Abandon(string scope);
}

/// <summary>
/// <c>Idempotency-Key</c> (contract §2.8): the same key, bearer and request within five minutes gets the same answer
/// again. A request is known by method, path, query and canonical body. At rest the answer is AES-256-GCM under a key
/// that HKDF-SHA256 (RFC 5869) derives from the bearer, which the broker does not store: whoever reads the file without
/// the bearer reads nothing.
/// </summary>
/// <param name="longestMint">How long one mint may take; its key is reserved for longer.</param>
internal sealed class IdempotentAnswers(IIdempotencyStore store, TimeSpan longestMint, TimeProvider time, Meter meter)
{
    public const string Header = "Idempotency-Key";

    /// <summary>The most characters that a key may have.</summary>
    public const int LongestKey = 255;

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly Counter<long> _hits = meter.Counter(
        "agentkeys_broker_idempotency_hits_total", "Answers given again for the same Idempotency-Key.");
    private readonly Counter<long> _conflicts = meter.Counter(
        "agentkeys_broker_idempotency_conflicts_total",
        "Idempotency keys used for another request, or for one under way.");

    public IReadOnlyList<Instrument> Metrics => [_hits, _conflicts];

    /// <summary>
    /// Longer than any mint takes. A process that was killed blocks its client's key for as long.
    /// </summary>
    private TimeSpan Reserved => longestMint + TimeSpan.FromSeconds(30);

    /// <summary>
    /// Begins under the request's key. The value holds the answer when there is one already; null where the request has
    /// no key. Otherwise the caller must <see cref="IdempotentRequest.Complete"/> or dispose it.
    /// </summary>
    public Result<IdempotentRequest> Begin(HttpRequest request, BearerToken bearer, JsonElement body)
    {
        var begun = BeginOnce(request, bearer, body);
        if (begun.Refusal is not null) _conflicts.Add(1);
        else if (begun.Value.Answer is not null) _hits.Add(1);
        return begun;
    }

    private Result<IdempotentRequest> BeginOnce(HttpRequest request, BearerToken bearer, JsonElement body)
    {
        var key = KeyOf(request);
        if (key.Refusal is { } invalid) return invalid;
        if (key.Value.Length == 0) return IdempotentRequest.Without;

        var scope = ScopeOf(bearer, key.Value);
        var fingerprint = RequestFingerprint.Of(request, body);
        var (state, sealedAnswer) = store.Begin(scope, fingerprint, time.GetUtcNow() + Reserved);
        if (RefusalOf(state) is { } refusal) return refusal;
        return state switch
        {
            IdempotencyState.Answered => new IdempotentRequest(this, scope, DeriveKey(bearer, scope))
            {
                Answer = Open(sealedAnswer!, DeriveKey(bearer, scope)),
            },
            _ => new IdempotentRequest(this, scope, DeriveKey(bearer, scope)),
        };
    }

    /// <summary>
    /// What <see cref="Begin"/> would find, for a dry run: reserves nothing. True with the check where the answer that
    /// was given before would be given again. Null where the request has no key.
    /// </summary>
    public (PolicyCheck Check, bool IsReplay)? Look(HttpRequest request, BearerToken bearer, JsonElement body)
    {
        const string Name = "idempotency_key";
        var key = KeyOf(request);
        if (key.Refusal is { } invalid) return (new PolicyCheck(Name, invalid.Detail, invalid), false);
        if (key.Value.Length == 0) return null;

        var state = store.Look(ScopeOf(bearer, key.Value), RequestFingerprint.Of(request, body));
        return RefusalOf(state) is { } refusal
            ? (new PolicyCheck(Name, refusal.Detail, refusal), false)
            : state == IdempotencyState.Answered
                ? (new PolicyCheck(Name, "answered before: the same answer would be given again"), true)
                : (new PolicyCheck(Name, "new"), false);
    }

    /// <summary>The request's key; empty where it has none.</summary>
    private static Result<string> KeyOf(HttpRequest request)
    {
        var header = request.Headers[Header];
        if (header.Count == 0) return "";
        return header.Count == 1 && header[0] is { Length: > 0 and <= LongestKey } key
            && !key.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? key
            : new Refusal(IdempotencyRefusals.InvalidIdempotencyKey,
                $"{Header} must be 1 to {LongestKey} printable ASCII characters, once");
    }

    private static string ScopeOf(BearerToken bearer, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{bearer.Hash}\n{key}")));

    private static Refusal? RefusalOf(IdempotencyState state) => state switch
    {
        IdempotencyState.UnderWay => new Refusal(
            IdempotencyRefusals.IdempotencyKeyInUse, "a request with this Idempotency-Key is under way")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        },
        IdempotencyState.OtherRequest => new Refusal(
            IdempotencyRefusals.IdempotencyKeyReused, "this Idempotency-Key was used for another request"),
        _ => null,
    };

    internal void Complete(string scope, byte[] key, ReadOnlySpan<byte> answer) =>
        store.Complete(scope, Seal(answer, key), time.GetUtcNow() + KeptFor);

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
