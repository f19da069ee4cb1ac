using Broker.Foundation.Results;
using Broker.Http;

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
}
