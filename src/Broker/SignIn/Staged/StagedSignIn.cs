using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.SignIn.Staged;

/// <summary>
/// A sign-in that waits for its proof. Neither the request id, which the polling client holds, nor the proof is kept:
/// only their SHA-256 are.
/// </summary>
/// <param name="Method">One of <see cref="Methods.SignInMethod"/>.</param>
/// <param name="Proof">The hash of what finishes it: the token of a link, the state of a redirect.</param>
/// <param name="Kept">
/// What the method must know again when the proof comes; no secret. It may name a person, so it is not stored any more
/// once the sign-in has ended.
/// </param>
/// <param name="DeviceLabel">What the asking device calls itself; null where it did not say.</param>
/// <param name="CompareCode">For people, to see that the proof is for the request that they made.</param>
internal sealed record StagedSignIn(
    Sha256Digest Request, string Method, Sha256Digest Proof, string Kept, string? DeviceLabel, string CompareCode,
    DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    private const int RequestIdBytes = 12;

    /// <summary>Whether the person began on the broker's own page; else it was a terminal, or another program.</summary>
    public bool IsOfOwnPage => DeviceLabel == Staged.DeviceLabel.OwnPage;

    /// <summary>A new one, and the request id that its client polls with.</summary>
    /// <param name="prefix">How the method's request ids begin, such as <c>eml-</c>.</param>
    public static (StagedSignIn SignIn, string RequestId) Begin(
        string method, string prefix, Sha256Digest proof, string kept, string? deviceLabel, DateTimeOffset now,
        TimeSpan lifetime)
    {
        var requestId = prefix + RandomNumberGenerator.GetHexString(2 * RequestIdBytes, lowercase: true);
        var signIn = new StagedSignIn(
            Sha256Digest.Of(requestId), method, proof, kept, deviceLabel, Staged.CompareCode.Of(requestId), now,
            now + lifetime);
        return (signIn, requestId);
    }
}

/// <summary>Who was proven (contract §7.1); the value is normalised by its type's rule.</summary>
internal sealed record ProvenIdentity(string Type, string Value);

/// <summary>How a sign-in ended: with an identity, or with the reason why there is none.</summary>
internal sealed record StagedResult
{
    private StagedResult(ProvenIdentity? identity, string? failure) => (Identity, Failure) = (identity, failure);

    public ProvenIdentity? Identity { get; }

    public string? Failure { get; }

    public static StagedResult Verified(ProvenIdentity identity) => new(identity, null);

    /// <param name="reason">For the polling client; a short word of ours.</param>
    public static StagedResult Failed(string reason) => new(null, reason);
}

/// <summary>What a poll finds.</summary>
/// <param name="Result">Null while the proof has not come.</param>
/// <param name="ExpiresAt">Until when a proof is taken, and its result can be fetched.</param>
internal sealed record StagedState(Sha256Digest Request, StagedResult? Result, DateTimeOffset ExpiresAt);
