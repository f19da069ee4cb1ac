namespace Broker.LocalCloud.Policies;

/// <summary>Where a policy hangs, which decides the elements it must and must not have.</summary>
internal enum PolicyKind
{
    /// <summary>On a user, a role or a session: has resources, names no principal.</summary>
    Identity,

    /// <summary>A role's trust policy: names principals, has no resource.</summary>
    Trust,

    /// <summary>On a bucket: has both.</summary>
    Resource,
}
