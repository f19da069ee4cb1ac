using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;

namespace Broker.Tests.Hosting;

/// <summary>A wallet with a real key, which signs as wallets do (EIP-191, v = 27 or 28).</summary>
public sealed class Wallet : IDisposable
{
    private readonly Secp256k1PrivateKey _key;

    public Wallet() => _key = Secp256k1PrivateKey.Generate();

    /// <summary>A wallet that another program holds too.</summary>
    public Wallet(string privateKey) =>
        Secp256k1PrivateKey.TryFromBytes(Convert.FromHexString(privateKey), out _key!).ShouldBeTrue();

    /// <summary>In lower case, as the ledger has it.</summary>
    public string Address => _key.PublicKey.Address.ToString();

    public string ChecksummedAddress => _key.PublicKey.Address.ToChecksummedString();

    /// <summary>The actor by the rule of contract §7.1, worked out here and not by the broker.</summary>
    public string Omni => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("agentkeysevm" + Address)));

    public string Sign(string text) => Sign(Encoding.UTF8.GetBytes(text));

    public string Sign(ReadOnlySpan<byte> message)
    {
        var signature = _key.SignRecoverable(PersonalMessage.Hash(message));
        signature[64] += 27;
        return "0x" + Convert.ToHexStringLower(signature);
    }

    public void Dispose() => _key.Dispose();
}
