using Broker.Cli.Client;

namespace Broker.Cli.SignIn;

/// <summary>Sign-in by wallet: the broker's EIP-4361 message, signed, for a session.</summary>
internal static class WalletSignIn
{
    public static async Task<SignedIn> RunAsync(
        BrokerConnection broker, IWalletSigner signer, CancellationToken stop)
    {
        var challenge = await broker.PostAsync(
            "v1/auth/wallet/start", null, new StartWalletBody(signer.Address), ClientJson.Default.StartWalletBody,
            ClientJson.Default.WalletChallenge, stop);

        // A message for another address or site would be signed for somebody else.
        MessageCheck.Require(challenge.SiweMessage, broker.Address, signer.Address);
        var signature = await signer.SignAsync(challenge.SiweMessage, stop);
        return await broker.PostAsync(
            "v1/auth/wallet/verify", null, new VerifyWalletBody(challenge.RequestId, signature),
            ClientJson.Default.VerifyWalletBody, ClientJson.Default.SignedIn, stop);
    }
}
