using System.Text;
using Broker.SignIn.Wallet;

namespace Broker.Fuzz.Targets;

/// <summary>Sign-in messages: what is accepted prints as the very text.</summary>
internal sealed class SiweTarget : IFuzzTarget
{
    private const string Least =
        "broker.example wants you to sign in with your Ethereum account:\n"
        + "0x71c7656ec7ab88b098defb751b7401b5f6d8976f\n\n\nURI: https://broker.example\nVersion: 1\nChain ID: 1\n"
        + "Nonce: 0123456789abcdef\nIssued At: 2026-05-04T12:00:00Z";

    private const string Most =
        "https://user@[2001:db8::1]:8443 wants you to sign in with your Ethereum account:\n"
        + "0x71C7656EC7ab88b098defB751B7401B5f6d8976F\n\nLet me in, please.\n\n"
        + "URI: https://u@h:1/p/%20?q=1#f\nVersion: 1\nChain ID: 11297108109\nNonce: 0123456789abcdef\n"
        + "Issued At: 2026-05-04t12:00:00.123456789-08:00\nExpiration Time: 2026-05-04T12:30:00Z\n"
        + "Not Before: 1990-12-31T23:59:60Z\nRequest ID: r-1%2F\nResources:\n- urn:agentkeys:client:agentkeys\n- a:";

    public string Name => "siwe";

    public int Weight => 30;

    public IEnumerable<byte[]> Seeds() => [Encoding.ASCII.GetBytes(Least), Encoding.ASCII.GetBytes(Most)];

    public void Execute(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        if (SiweParser.Parse(text).Message is not { } message) return;
        if (message.Format() != text) throw new FuzzFindingException("prints another text than it read");
        foreach (var resource in message.Resources ?? []) ClientResource.NamesAnother(resource, "agentkeys");
    }

    public long AllocationBound(int inputLength) => (64 * 1024) + (64L * inputLength);
}
