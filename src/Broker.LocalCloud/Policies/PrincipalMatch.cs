namespace Broker.LocalCloud.Policies;

/// <summary>
/// How a policy means a caller, from the loosest to the closest. The grade decides what an allowance is worth
/// (IAM User Guide, "Policy evaluation logic").
/// </summary>
internal enum PrincipalMatch
{
    None,

    /// <summary>
    /// By its account: the account may hand the permission on, so an identity policy must allow it too.
    /// </summary>
    Account,

    /// <summary>As the user or role itself (or as everybody): counts like an identity policy.</summary>
    Identity,

    /// <summary>As this very role session: counts in spite of the session policy.</summary>
    Session,
}
