namespace Broker.OAuth.ForeignIssuers;

/// <summary>An issuer whose tokens are taken as a proof, as the operator's file has it.</summary>
/// <param name="Name">The <c>iss</c> of its tokens, byte for byte; <c>spiffe://…</c> for a trust domain.</param>
/// <param name="Audience">What must be among the <c>aud</c> of its tokens.</param>
internal sealed record ForeignIssuer(string Name, string Audience)
{
    public Preset? Preset { get; init; }

    /// <summary>Of RFC 7518 §3.1; the header's must be one of them.</summary>
    public required IReadOnlyList<string> Algorithms { get; init; }

    /// <summary>Where its keys are; null where discovery says so, or they stand in the file.</summary>
    public string? JwksUri { get; init; }

    /// <summary>The keys of the file; null where they are fetched.</summary>
    public IReadOnlyList<VerificationKey>? Keys { get; init; }

    /// <summary>A token that lives longer is refused.</summary>
    public required TimeSpan LongestToken { get; init; }

    /// <summary>Whether a token with a <c>jti</c> is good once.</summary>
    public required bool IsSingleUse { get; init; }

    public required IReadOnlyList<ForeignRule> Rules { get; init; }

    /// <summary>A trust domain of SPIFFE, whose tokens may be without <c>iss</c>.</summary>
    public bool IsTrustDomain => Name.StartsWith(Preset.SpiffeScheme, StringComparison.Ordinal);
}

/// <summary>Which tokens of an issuer get what.</summary>
/// <param name="Conditions">All of them must hold.</param>
/// <param name="Roles">Names of the catalogue; every token and credential is for one of them.</param>
internal sealed record ForeignRule(
    string Name, IReadOnlyList<ClaimCondition> Conditions, IReadOnlyList<string> Roles)
{
    /// <summary>Whom a token of ours may be for.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    public required TimeSpan LongestSession { get; init; }

    public required bool GivesSessions { get; init; }

    public required bool GivesTokens { get; init; }
}
