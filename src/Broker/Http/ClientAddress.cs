using System.Net;
using System.Net.Sockets;

namespace Broker.Http;

/// <summary>
/// Whose request it is, for rate limits. <c>X-Forwarded-For</c> counts only when the peer is on loopback, where our own
/// nginx stands; its last entry is the one that nginx added. IPv6 clients are counted per /64.
/// </summary>
internal static class ClientAddress
{
    /// <summary>The key that limits count by.</summary>
    public static string Of(HttpContext http) => Bucket(AddressOf(http));

    /// <summary>The client's own address.</summary>
    public static IPAddress AddressOf(HttpContext http)
    {
        var peer = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (IPAddress.IsLoopback(peer) && Last(http.Request.Headers["X-Forwarded-For"].ToString()) is { } forwarded)
            peer = forwarded;
        return peer;
    }

    /// <summary>The address a limit is counted by.</summary>
    public static string Bucket(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    /// <summary>
    /// The last entry, where it is an address as a proxy writes it. The framework's reader alone would also take
    /// <c>1</c>, <c>0x7f.1</c>, ports and zones.
    /// </summary>
    internal static IPAddress? Last(string forwarded)
    {
        if (forwarded.Length is 0 or > 1024) return null;
        var text = forwarded.AsSpan(forwarded.LastIndexOf(',') + 1).Trim(" \t");
        if (text.ContainsAny('[', ']', '%') || !IPAddress.TryParse(text, out var address)) return null;
        var isWritten = address.AddressFamily == AddressFamily.InterNetworkV6 || text.SequenceEqual(address.ToString());
        return isWritten ? address : null;
    }
}
