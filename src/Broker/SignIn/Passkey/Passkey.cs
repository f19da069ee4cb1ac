using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.SignIn.Passkey;

/// <summary>A registered passkey (WebAuthn: a credential record).</summary>
/// <param name="CredentialId">As the authenticator named it; base64url without padding.</param>
/// <param name="Wallet">Of the actor, where it signed in by wallet when the passkey was registered.</param>
/// <param name="PublicKey">COSE_Key (RFC 9052).</param>
/// <param name="Counter">The newest signature counter that was seen; 0 for ever where the authenticator has none.</param>
internal sealed record Passkey(
    string CredentialId, byte[] UserHandle, ActorOmni Omni, EthereumAddress? Wallet, byte[] PublicKey, uint Counter,
    string Label, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);
