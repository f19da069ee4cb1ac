using System.Text;
using Broker.Cryptography;

namespace Broker.Tests.Hosting;

/// <summary>
/// An agent's device: a key, its hash and its proof of possession by the rule of contract §2.16, worked out here and
/// not by the broker. <c>AgentVectorTests</c> compares the rule with viem's.
/// </summary>
public sealed class Device : IDisposable
{
    private readonly Wallet _key;

    public Device() => _key = new Wallet();

    /// <summary>A device whose key another program holds too.</summary>
    public Device(string privateKey) => _key = new Wallet(privateKey);

    public string Pubkey => _key.Address;

    public string KeyHash => $"0x{Keccak(Convert.FromHexString(Pubkey[2..]))}";

    public string Pop => _key.Sign(Convert.FromHexString(Keccak($"agentkeys-agent-pop:{KeyHash}")));

    public string Sign(byte[] message) => _key.Sign(message);

    public static string Keccak(string text) => Keccak(Encoding.UTF8.GetBytes(text));

    public static string Keccak(byte[] bytes) => Convert.ToHexStringLower(Keccak256.HashData(bytes));

    public void Dispose() => _key.Dispose();
}
