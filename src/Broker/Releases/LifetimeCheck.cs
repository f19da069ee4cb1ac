using Broker.Configuration;
using Broker.Http;

namespace Broker.Releases;

/// <summary>The lifetime is within the bounds of its kind (contract §3.1; AWS for role sessions).</summary>
internal sealed class LifetimeCheck(BrokerOptions options) : IReleaseCheck
{
    private const string Name = "lifetime";

    private static readonly (int Low, int High) TokenBounds = (60, 3600), SessionBounds = (900, 43_200);

    public PolicyCheck Look(MintRequest request)
    {
        var wanted = request.Wanted;
        var ((low, high), usual, field) = wanted.Kind == MintKind.OidcToken
            ? (TokenBounds, options.Issuer.TokenLifetime, "ttl_seconds")
            : (SessionBounds, options.Aws.SessionDuration, "duration_seconds");
        var lifetime = wanted.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : usual;
        if (lifetime.TotalSeconds < low || lifetime.TotalSeconds > high)
        {
            return PolicyCheck.Refused(Name, RefusalCode.LifetimeOutOfBounds,
                $"{field} must be between {low} and {high}, got {wanted.LifetimeSeconds}");
        }

        request.Lifetime = lifetime;
        return new PolicyCheck(Name, $"{lifetime.TotalSeconds} seconds");
    }
}
