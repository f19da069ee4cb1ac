using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.SignIn.Oidc;

/// <summary>How many sign-ins one client address may begin in a minute.</summary>
internal sealed class OidcLimit(OidcOptions options, TimeProvider time)
{
    private readonly RateWindows _windows = new(time, RateWindows.Minute);

    /// <summary>Null when granted.</summary>
    public Refusal? Take(string clientAddress) =>
        _windows.Take(clientAddress, options.PerClient) is { } wait
            ? new Refusal(OidcRefusals.StartRateLimited, "too many sign-ins at providers from this client")
            {
                RetryAfter = wait,
            }
            : null;
}
