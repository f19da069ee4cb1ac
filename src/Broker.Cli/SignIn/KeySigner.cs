using System.Text;
using Broker.Cryptography;

namespace Broker.Cli.SignIn;

/// <summary>Signs with a key in this process.</summary>
internal sealed class KeySigner(Secp256k1PrivateKey key) : IWalletSigner
{
    public string Address => key.PublicKey.Address.ToString();

    public Task<string> SignAsync(string message, CancellationToken stop)
    {
        var signature = key.SignRecoverable(PersonalMessage.Hash(Encoding.UTF8.GetBytes(message)));

        // Wallets write 27 and 28 where the curve has 0 and 1.
        signature[^1] += 27;
        return Task.FromResult("0x" + Convert.ToHexStringLower(signature));
    }

    public void Dispose() => key.Dispose();
}
