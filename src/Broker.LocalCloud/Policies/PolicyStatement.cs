namespace Broker.LocalCloud.Policies;

/// <summary>A list of patterns, or everything but them (<c>NotAction</c>, <c>NotResource</c>).</summary>
internal sealed record PatternList(IReadOnlyList<PolicyText> Patterns, bool Inverted)
{
    public bool Covers(string value, AccessRequest request, bool ignoreCase = false) =>
        Patterns.Any(pattern => pattern.IsLike(value, request, ignoreCase)) != Inverted;
}

/// <summary>The <c>Principal</c> of a statement: type and value pairs; <c>*</c> is everybody.</summary>
internal sealed record PrincipalList(IReadOnlyList<(string Type, string Value)> Entries, bool Inverted)
{
    /// <summary>The closest way in which the list means a caller of these names.</summary>
    public PrincipalMatch Match(IReadOnlyList<PrincipalName> names)
    {
        var closest = Entries
            .SelectMany(entry => names, Grade)
            .DefaultIfEmpty(PrincipalMatch.None)
            .Max();
        if (!Inverted) return closest;
        return closest == PrincipalMatch.None ? PrincipalMatch.Identity : PrincipalMatch.None;
    }

    private static PrincipalMatch Grade((string Type, string Value) entry, PrincipalName name)
    {
        if (entry.Type == "*") return PrincipalMatch.Identity;
        if (entry.Type != name.Type) return PrincipalMatch.None;
        if (entry.Value == "*") return PrincipalMatch.Identity;
        return entry.Value == name.Value ? name.Grade : PrincipalMatch.None;
    }
}

/// <summary>One statement: to whom, what, where and when it applies, and whether it then allows or denies.</summary>
internal sealed record PolicyStatement(
    bool Allows, PrincipalList? Principals, PatternList Actions, PatternList? Resources,
    IReadOnlyList<Condition> Conditions)
{
    /// <summary>
    /// How closely the statement means the caller, or <see cref="PrincipalMatch.None"/> when it does not apply.
    /// </summary>
    public PrincipalMatch Applies(AccessRequest request)
    {
        if (!Actions.Covers(request.Action, request, ignoreCase: true)) return PrincipalMatch.None;
        if (Resources is not null && !Resources.Covers(request.Resource, request)) return PrincipalMatch.None;
        var match = Principals?.Match(request.Names) ?? PrincipalMatch.Identity;
        return match != PrincipalMatch.None && Conditions.All(condition => condition.Holds(request))
            ? match
            : PrincipalMatch.None;
    }
}
