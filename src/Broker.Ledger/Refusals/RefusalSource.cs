using System.Net;
using System.Net.Sockets;

namespace Broker.Ledger.Refusals;

/// <summary>Whose refusal it is: the key of its budget, and the coarser name that the sum shows.</summary>
/// <param name="Key">An address (IPv6: its /64), or an actor.</param>
/// <param name="Shown">An address prefix (IPv4 /24, IPv6 /64), or <c>actor</c>.</param>
/// <param name="IsProven">Proven callers have a budget for all of their own: strangers cannot spend it.</param>
public sealed record RefusalSource(string Key, string Shown, bool IsProven)
{
    /// <summary>Somebody whose identity is proven.</summary>
    public static RefusalSource OfActor(string omni) => new($"actor:{omni}", "actor", IsProven: true);

    /// <summary>Somebody at an address.</summary>
    public static RefusalSource Of(IPAddress? address)
    {
        if (address is null) return new RefusalSource("unknown", "unknown", IsProven: false);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            bytes[8..].Clear();
            var prefix = $"{new IPAddress(bytes)}/64";
            return new RefusalSource(prefix, prefix, IsProven: false);
        }

        bytes[3] = 0;
        return new RefusalSource(address.ToString(), $"{new IPAddress(bytes[..length])}/24", IsProven: false);
    }
}
