using Broker.Foundation.Results;
using Broker.Http;
using Broker.LedgerHosting;

namespace Broker.SignIn.Passkey;

/// <summary>How many challenges one client address may ask for in a minute.</summary>
internal sealed class PasskeyLimit(PasskeyOptions options, TimeProvider time)
{
    private readonly RateWindows _windows = new(time, RateWindows.Minute);

    /// <summary>Null when granted.</summary>
    public Refusal? Take(string clientAddress) =>
        _windows.Take(clientAddress, options.PerClient) is { } wait
            ? new Refusal(PasskeyRefusals.PasskeyRateLimited, "too many passkey challenges from this client")
            {
                RetryAfter = wait,
            }
            : null;

    /// <summary>A challenge is kept on disk; the last of it is for releases and sign-outs.</summary>
    public static Refusal DiskIsNearlyFull() =>
        new(LedgerRefusals.DiskReserveReached, "the broker's disk is nearly full")
        {
            RetryAfter = TimeSpan.FromMinutes(1),
        };
}
