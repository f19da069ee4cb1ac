using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Issuer;
using Broker.OAuth.ForeignIssuers;

namespace Broker.OAuth.Assertions;

/// <summary>An assertion that holds. Nothing is used up yet.</summary>
/// <param name="Key">The address of the key that signed, which is its <c>iss</c>.</param>
/// <param name="Subject">For whom it speaks: the address itself, or an agent's omni.</param>
internal sealed record KeyAssertion(EthereumAddress Key, string Subject, string Id, DateTimeOffset Until);

/// <summary>
/// Verifies a JWT (RFC 7523 §3) that a wallet's or a device's key has signed: <c>ES256K</c> (RFC 8812 §3.2) by the key
/// whose address is <c>iss</c>. <c>aud</c> is the issuer or its token endpoint; it lives ten minutes at most.
/// </summary>
internal sealed class KeyAssertions(IssuerOptions issuer, IdentityOptions identities, TimeProvider time)
{
    private const string Algorithm = "ES256K";
    private const int SignatureSize = Secp256k1.SignatureSize - 1;
    private const int LongestId = 256;
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    /// <summary>Whether a text is written like a JWT, and not like a message of EIP-4361.</summary>
    public static bool IsWrittenLikeOne(string text) =>
        text.Count(c => c == '.') == 2 && !text.Any(char.IsWhiteSpace);

    public Result<KeyAssertion> Verify(string text)
    {
        try
        {
            using var token = ForeignToken.Read(text);
            if (token.Algorithm != Algorithm) return Invalid($"its alg must be {Algorithm}");
            if (!EthereumAddress.TryParse(token["iss"], out var key))
                return Invalid("its iss must be the address of the key that signs it");
            return IsSignedBy(key, token) ? Judge(key, token) : Invalid("its signature is not that of its iss");
        }
        catch (FormatException wrong)
        {
            return Invalid(wrong.Message);
        }
    }

    private Result<KeyAssertion> Judge(EthereumAddress key, ForeignToken token)
    {
        var (now, skew) = (time.GetUtcNow(), identities.ClockSkew);
        if (!token.IsFor(issuer.Issuer) && !token.IsFor($"{issuer.Issuer}/oauth/token"))
            return Invalid($"its aud must be {issuer.Issuer}");
        if (token["sub"] is not { } subject) return Invalid("it must have a sub");
        if (token["jti"] is not { Length: <= LongestId } id)
            return Invalid($"it must have a jti of 1 to {LongestId} characters");
        foreach (var claim in (string[])["iat", "nbf"])
        {
            if (token.Claims.TryGetProperty(claim, out _) && token.Time(claim) is null)
                return Invalid($"its {claim} is not a time");
            if (token.Time(claim) > now + skew) return Invalid($"its {claim} is ahead of our clock");
        }

        if (token.Time("exp") is not { } until || until > now + LongestLife + skew)
            return Invalid($"it must expire within {LongestLife.TotalMinutes} minutes");
        return until > now - skew
            ? new KeyAssertion(key, subject, id, until + skew)
            : Invalid("expired: it is no longer valid");
    }

    /// <summary>
    /// The signature is r ‖ s without the recovery id, so both are tried. s is in the lower half of the order, as
    /// everywhere here: a signature has no twin.
    /// </summary>
    private static bool IsSignedBy(EthereumAddress key, ForeignToken token)
    {
        if (token.Signature.Length != SignatureSize) return false;
        Span<byte> signature = stackalloc byte[Secp256k1.SignatureSize];
        token.Signature.CopyTo(signature);
        var hash = SHA256.HashData(token.Signed);
        for (byte recovery = 0; recovery < 2; recovery++)
        {
            signature[^1] = recovery;
            if (Secp256k1.RecoverAddress(hash, signature, out var signer) == RecoveryOutcome.Recovered && signer == key)
                return true;
        }

        return false;
    }

    private static Refusal Invalid(string why) =>
        new(AssertionRefusals.Invalid, $"the assertion was not accepted: {why}");
}
