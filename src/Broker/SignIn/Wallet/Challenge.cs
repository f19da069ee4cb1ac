using Broker.Cryptography;

namespace Broker.SignIn.Wallet;

/// <summary>A message that the broker issued for a wallet to sign.</summary>
internal sealed record Challenge(
    string RequestId, string Nonce, EthereumAddress Address, string Message, DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt);

/// <summary>Where challenges wait for their signature. Both methods are durable when they return.</summary>
internal interface IChallengeStore
{
    void Add(Challenge challenge);

    /// <summary>
    /// Takes the challenge away: the first caller gets it, every later one gets null, also across restarts. Unknown and
    /// already used look alike.
    /// </summary>
    Challenge? Consume(string requestId);

    /// <summary>As <see cref="Consume"/>, by the nonce of a message that the client wrote itself.</summary>
    Challenge? ConsumeByNonce(string nonce);
}
