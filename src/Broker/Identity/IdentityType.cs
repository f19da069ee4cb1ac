using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.Identity;

/// <summary>How an identity was proven (contract §7.1).</summary>
internal static class IdentityType
{
    public const string Evm = "evm";

    /// <summary>A mailbox; the value is its <see cref="EmailAddress"/>.</summary>
    public const string Email = "email";

    /// <summary>A passkey; the value is its credential id, base64url.</summary>
    public const string Passkey = "passkey";

    /// <summary>A program that signed as an OAuth client; the value is its <c>client_id</c>.</summary>
    public const string OAuthClient = "oauth_client";

    extension(ActorOmni)
    {
        /// <summary>
        /// The actor of a wallet: identity type <c>evm</c>, the address in lower case with <c>0x</c>.
        /// </summary>
        public static ActorOmni OfWallet(string clientId, EthereumAddress wallet) =>
            ActorOmni.Of(clientId, Evm, wallet.ToString());

        /// <summary>The actor of a mailbox: identity type <c>email</c>, the address in lower case.</summary>
        public static ActorOmni OfMailbox(string clientId, EmailAddress mailbox) =>
            ActorOmni.Of(clientId, Email, mailbox.ToString());
    }
}
