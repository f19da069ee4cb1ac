using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.SignIn.Passkey;

/// <summary>
/// A challenge that waits for an authenticator. Only its SHA-256 is kept: the answer brings the challenge along.
/// </summary>
/// <param name="IsRegistration">Else it is a sign-in.</param>
/// <param name="UserHandle">For whom a passkey is being made; null for a sign-in.</param>
/// <param name="Omni">
/// Whose it will be, or who is to sign in. Null for a new account, and for whoever the passkey belongs to.
/// </param>
/// <param name="Wallet">Of that actor, where it has one.</param>
internal sealed record Ceremony(
    Sha256Digest Challenge, bool IsRegistration, byte[]? UserHandle, ActorOmni? Omni, EthereumAddress? Wallet,
    DateTimeOffset ExpiresAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
}
