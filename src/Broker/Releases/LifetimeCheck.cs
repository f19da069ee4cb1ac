namespace Broker.Releases;

/// <summary>
/// The lifetime is within the bounds of its kind (contract §3.1; AWS for role sessions) and of its role. Comes after the
/// check of the role.
/// </summary>
internal sealed class LifetimeCheck : IReleaseCheck
{
    private const string Name = "lifetime";

    public PolicyCheck Look(MintRequest request)
    {
        var wanted = request.Wanted;
        var bounds = wanted.Kind.Lifetime;
        if (wanted.Kind.NeedsRole && request.Role is { } role) bounds = bounds.For(role);
        var (field, low, high, usual) = bounds;
        var lifetime = wanted.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : usual;
        if (lifetime.TotalSeconds < low || lifetime.TotalSeconds > high)
        {
            return PolicyCheck.Refused(Name, ReleaseRefusals.LifetimeOutOfBounds,
                $"{field} must be between {low} and {high}, got {wanted.LifetimeSeconds}");
        }

        request.Lifetime = lifetime;
        return new PolicyCheck(Name, $"{lifetime.TotalSeconds} seconds");
    }
}
