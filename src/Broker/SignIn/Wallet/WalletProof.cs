using System.Text;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Issuer;

namespace Broker.SignIn.Wallet;

/// <summary>Decides whose wallet signed: consumes the challenge, checks the message, recovers the address.</summary>
internal sealed class WalletProof(IChallengeStore challenges, IssuerOptions issuer, IdentityOptions identities, TimeProvider time)
{
    private const int LongestRequestId = 64;

    public Result<EthereumAddress> Check(VerifyWalletSignInRequest request)
    {
        if (request.CheckedBy(VerifyWalletSignInValidator.Instance).Refusal is { } invalid) return invalid;
        var signature = WalletSignature.Parse(request.Signature);
        return request.RequestId is { } issued
            ? CheckIssued(issued, signature)
            : CheckWritten(request.Message!, signature);
    }

    /// <summary>
    /// The message that we issued: domain, URI and nonce are bound because the signature is checked over our own text.
    /// </summary>
    private Result<EthereumAddress> CheckIssued(string requestId, Result<WalletSignature> signature)
    {
        if (requestId.Length > LongestRequestId) return Unknown();
        var challenge = challenges.Consume(requestId);
        if (challenge is null) return Unknown();
        if (challenge.ExpiresAt <= time.GetUtcNow()) return Expired();
        if (signature.Refusal is { } malformed) return malformed;
        return SignedBy(challenge.Address, challenge.Message, signature.Value);
    }

    /// <summary>
    /// A message that the client wrote: strict grammar, then this broker's origin, URI and client, the challenge's
    /// address, chain and nonce, and the times, each with its own words.
    /// </summary>
    private Result<EthereumAddress> CheckWritten(string text, Result<WalletSignature> signature)
    {
        if (signature.Refusal is { } malformed) return malformed;
        var parsed = SiweParser.Parse(text);
        if (parsed.Message is not { } message)
            return new Refusal(HttpRefusals.InvalidField, $"message: {parsed.Refusal!.Detail}");

        if (CheckAudience(message) is { } another) return another;
        var challenge = challenges.ConsumeByNonce(message.Nonce);
        if (challenge is null) return Unknown();
        if (CheckTimes(message, challenge) is { } untimely) return untimely;
        if (message.Address != challenge.Address)
            return NotForUs("its address is not the one that the nonce was issued for");
        if (SiweParser.Parse(challenge.Message).Message?.ChainId != message.ChainId)
            return NotForUs("its chain is not the one that the nonce was issued for");
        return SignedBy(message.Address, text, signature.Value);
    }

    /// <summary>
    /// Whether the message was written for this broker. The wallet showed its origin to the owner, so a scheme, where
    /// there is one, has to be the issuer's: an http page of the same domain may be anybody's.
    /// </summary>
    private Refusal? CheckAudience(SiweMessage message)
    {
        var scheme = new Uri(issuer.Issuer).Scheme;
        if (message.Scheme is { } shown && !shown.Equals(scheme, StringComparison.OrdinalIgnoreCase))
            return NotForUs($"its scheme must be {scheme}");
        if (message.Domain != issuer.Authority)
            return NotForUs($"its domain must be {issuer.Authority}");
        if (message.Uri != issuer.Issuer) return NotForUs($"its URI must be {issuer.Issuer}");
        return message.Resources?.Any(one => ClientResource.NamesAnother(one, identities.ClientId)) == true
            ? NotForUs($"a client that it names must be {identities.ClientId}")
            : null;
    }

    private Refusal? CheckTimes(SiweMessage message, Challenge challenge)
    {
        var now = time.GetUtcNow();
        var skew = identities.ClockSkew;
        if (challenge.ExpiresAt <= now || message.ExpirationTime?.Instant <= now) return Expired();
        if (message.IssuedAt.Instant > now + skew || message.NotBefore?.Instant > now + skew)
        {
            return new Refusal(WalletRefusals.ChallengeFromTheFuture,
                "the message is not valid yet: its Issued At or Not Before is ahead of our clock");
        }

        return message.IssuedAt.Instant < challenge.IssuedAt - skew
            ? NotForUs("its Issued At is earlier than the nonce")
            : null;
    }

    private static Result<EthereumAddress> SignedBy(
        EthereumAddress expected, string message, WalletSignature signature) =>
        signature.SignerOf(Encoding.UTF8.GetBytes(message)) == expected
            ? expected
            : new Refusal(IdentityRefusals.SignatureMismatch, "the signature is not that of the address in the message");

    private static Refusal Unknown() =>
        new(WalletRefusals.UnknownChallenge, "the challenge is unknown or was used before");

    private static Refusal Expired() => new(WalletRefusals.ChallengeExpired, "expired: the challenge is no longer valid");

    private static Refusal NotForUs(string why) =>
        new(WalletRefusals.MessageNotForThisBroker, $"the message is not acceptable here: {why}");
}
