using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Issuer;

namespace Broker.Sessions.Proofs;

/// <summary>
/// Verifies that whoever sends a request holds a key (DPoP, RFC 9449 §4.3): a proof is for this very method and address
/// of the issuer, a minute old at most, and good once. A nonce is looked at where there is one; every answer offers one,
/// and a proof from before the start of this process needs it.
/// </summary>
internal sealed class KeyProofs
{
    public const string Header = "DPoP";

    private const string NonceHeader = "DPoP-Nonce";
    private const string Verified = "broker:dpop";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly UsedProofs _used;
    private readonly ProofNonces _nonces;
    private readonly string _issuer;
    private readonly string _origin;
    private readonly TimeProvider _time;
    private readonly long _began;

    public KeyProofs(UsedProofs used, ProofNonces nonces, IssuerOptions issuer, TimeProvider time)
    {
        _used = used;
        _nonces = nonces;
        _issuer = issuer.Issuer;
        _origin = new Uri(issuer.Issuer).GetLeftPart(UriPartial.Authority);
        _time = time;
        _began = time.GetUtcNow().ToUnixTimeSeconds();
    }

    /// <summary>The thumbprint of the key (RFC 7638) whose holder sent the request.</summary>
    /// <param name="token">The token that goes with the proof; null where none does.</param>
    public Result<string> Verify(HttpRequest request, string? token)
    {
        var headers = request.Headers[Header];
        request.HttpContext.Response.Headers[NonceHeader] = _nonces.Current;
        if (headers is not [{ Length: > 0 } text])
            return new Refusal(ProofRefusals.Missing, "the header DPoP must be there once");

        // A request is looked at once, however many of its handlers ask.
        var items = request.HttpContext.Items;
        if (items[Verified] is ValueTuple<string, string?, string> known && known.Item1 == text && known.Item2 == token)
            return known.Item3;

        var verified = Verify(request, text, token);
        if (verified.Refusal is null) items[Verified] = (text, token, verified.Value);
        return verified;
    }

    private Result<string> Verify(HttpRequest request, string text, string? token)
    {
        WrittenProof proof;
        try
        {
            proof = WrittenProof.Read(text);
        }
        catch (FormatException wrong)
        {
            return Invalid(wrong.Message);
        }

        if (proof.Method != request.Method || !IsHere(proof.Address, request))
            return Invalid("it is for another request");
        if (token is not null && proof.TokenHash != HashOf(token)) return Invalid("its ath is not that of the token");
        if (proof.Nonce is { } nonce && !_nonces.IsOurs(nonce))
            return new Refusal(ProofRefusals.WrongNonce, "the nonce of the proof is not one of ours, or too old");

        var (issuedAt, now) = (proof.IssuedAt, _time.GetUtcNow().ToUnixTimeSeconds());
        var window = (long)Window.TotalSeconds;
        if (issuedAt < now - window || issuedAt > now + window) return Invalid("its iat is not now");
        if (proof.Nonce is null && issuedAt < _began)
            return new Refusal(ProofRefusals.WrongNonce, "a proof from before the start of this broker needs a nonce");
        return _used.TryUse(
            Sha256Digest.Of($"{proof.Thumbprint}\n{proof.Id}"),
            DateTimeOffset.FromUnixTimeSeconds(issuedAt) + Window + TimeSpan.FromSeconds(1)) switch
        {
            true => proof.Thumbprint,
            false => new Refusal(ProofRefusals.Replayed, "the proof was used before"),
            null => new Refusal(ProofRefusals.TooMany, "too many proofs at a time"),
        };
    }

    /// <summary>
    /// RFC 9449 §4.3, item 9: without query and fragment. What the request calls its host counts for nothing, since a
    /// proof for another server must not be one for us.
    /// </summary>
    private bool IsHere(string address, HttpRequest request)
    {
        var end = address.AsSpan().IndexOfAny('?', '#');
        return Uri.TryCreate(end < 0 ? address : address[..end], UriKind.Absolute, out var uri)
            && uri.UserInfo.Length == 0
            && (uri.AbsoluteUri == new Uri(_origin + request.Path.Value).AbsoluteUri
                || uri.AbsoluteUri == new Uri(_issuer + request.Path.Value).AbsoluteUri);
    }

    private static string HashOf(string token) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    private static Refusal Invalid(string why) => new(ProofRefusals.Invalid, $"the proof does not hold: {why}");
}
