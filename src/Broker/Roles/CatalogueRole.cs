namespace Broker.Roles;

/// <summary>
/// One role that may be asked for, by <paramref name="Name"/> (<c>data</c>, <c>vault</c>, …) or by its ARN.
/// </summary>
/// <param name="Bucket">The bucket whose prefix the session is narrowed to; null where none is configured.</param>
/// <param name="NarrowToOwnPrefix">Whether a session policy is attached.</param>
internal sealed record CatalogueRole(string Name, RoleArn Arn, string? Bucket, bool NarrowToOwnPrefix)
{
    /// <summary>AWS: a role that is assumed from another role's session gives an hour at most.</summary>
    public static readonly TimeSpan LongestHop = TimeSpan.FromHours(1);

    /// <summary>The role's own <c>MaxSessionDuration</c>; null where only AWS knows it.</summary>
    public TimeSpan? LongestSession { get; init; }

    /// <summary>Whose STS is asked; null for the broker's own region.</summary>
    public string? Region { get; init; }

    /// <summary>
    /// The role that is assumed first, since this one trusts it and not the issuer; null where this one trusts the
    /// issuer itself.
    /// </summary>
    public CatalogueRole? Via { get; init; }
}
