using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Identity;
using Broker.Issuer;

namespace Broker.SignIn.Wallet;

/// <summary>Writes the EIP-4361 message that a wallet is to sign.</summary>
internal sealed class IssueChallenge(
    IssuerOptions issuer, IdentityOptions identities, WalletSignInOptions options, TimeProvider time)
{
    public Challenge Run(EthereumAddress address, long chainId)
    {
        var issuedAt = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var nonce = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var message = SiweMessage.ForSignIn(
            new Uri(issuer.Issuer), address, (ulong)chainId, nonce, issuedAt, options.ChallengeLifetime,
            identities.ClientId).Format();
        var requestId = $"siwe-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        return new Challenge(requestId, nonce, address, message, issuedAt, issuedAt + options.ChallengeLifetime);
    }
}
