using System.Net;
using System.Net.Sockets;

namespace Broker.Kms.Admin;

/// <summary>
/// How many wrong operator tokens are looked at and recorded: so many a minute from one address (an IPv6 address counts
/// with its /64) and so many in all. What is beyond is turned away unseen, so that guessing costs us neither work nor
/// room in the ledger. A right token is never counted.
/// </summary>
internal sealed class WrongTokenLimit(TimeProvider time)
{
    public const int PerAddress = 10;
    public const int InAll = 60;

    /// <summary>When to try again, at the latest.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private const int Ipv6PrefixBytes = 8;

    private readonly Lock _turn = new();
    private readonly Dictionary<IPAddress, int> _tries = [];
    private long _began = time.GetTimestamp();
    private int _all;

    /// <summary>Takes one try; false when there is none left in this minute.</summary>
    public bool TryTake(IPAddress? client)
    {
        var prefix = PrefixOf(client);
        lock (_turn)
        {
            if (time.GetElapsedTime(_began) >= Window)
            {
                _began = time.GetTimestamp();
                _tries.Clear();
                _all = 0;
            }

            var tries = _tries.GetValueOrDefault(prefix);
            if (tries >= PerAddress || _all >= InAll) return false;
            _tries[prefix] = tries + 1;
            _all++;
            return true;
        }
    }

    /// <summary>Gives the try back: it was the right one.</summary>
    public void GiveBack(IPAddress? client)
    {
        var prefix = PrefixOf(client);
        lock (_turn)
        {
            if (!_tries.TryGetValue(prefix, out var tries) || tries == 0) return;
            _tries[prefix] = tries - 1;
            _all--;
        }
    }

    private static IPAddress PrefixOf(IPAddress? client)
    {
        if (client is null) return IPAddress.None;
        if (client.IsIPv4MappedToIPv6) return client.MapToIPv4();
        if (client.AddressFamily != AddressFamily.InterNetworkV6) return client;
        var bytes = client.GetAddressBytes();
        bytes.AsSpan(Ipv6PrefixBytes).Clear();
        return new IPAddress(bytes);
    }
}
