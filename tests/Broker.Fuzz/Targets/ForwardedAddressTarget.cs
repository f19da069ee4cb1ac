using System.Text;
using Broker.Http;

namespace Broker.Fuzz.Targets;

/// <summary>X-Forwarded-For: what is taken is an address as a proxy writes it.</summary>
internal sealed class ForwardedAddressTarget : IFuzzTarget
{
    public string Name => "forwarded-for";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        "203.0.113.9"u8.ToArray(), "1.2.3.4, 2001:db8::1"u8.ToArray(), "::ffff:192.0.2.1"u8.ToArray(), "unknown"u8.ToArray(),
    ];

    public void Execute(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        if (ClientAddress.Last(text) is not { } address) return;
        if (ClientAddress.Last(address.ToString()) is not { } again || !again.Equals(address))
            throw new FuzzFindingException("reads another address than it wrote");
    }

    public long AllocationBound(int inputLength) => (16 * 1024) + (16L * inputLength);
}
