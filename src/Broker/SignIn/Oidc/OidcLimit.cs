using Broker.Http;

namespace Broker.SignIn.Oidc;

/// <summary>How many sign-ins one client address may begin in a minute.</summary>
internal sealed class OidcLimit(OidcOptions options, TimeProvider time) : RequestLimit(
    options.PerClient, RateWindows.Minute, OidcRefusals.StartRateLimited,
    "too many sign-ins at providers from this client", time);
