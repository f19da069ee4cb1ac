using Broker.Http;

namespace Broker.SignIn.Passkey;

/// <summary>How many challenges one client address may ask for in a minute.</summary>
internal sealed class PasskeyLimit(PasskeyOptions options, TimeProvider time) : RequestLimit(
    options.PerClient, RateWindows.Minute, PasskeyRefusals.PasskeyRateLimited,
    "too many passkey challenges from this client", time);
