namespace Broker.Ledger;

/// <summary>
/// The columns of a row as texts and numbers, as they stand in the file: what the tree hashes. A row that somebody
/// changed may hold anything; one that Broker wrote comes from a <see cref="LedgerEntry"/>. Holds no secret: a bearer
/// appears as its SHA-256 only.
/// </summary>
/// <remarks>
/// The first eight properties are the columns that operators know (<c>mint_log</c>); the others follow them in the
/// table. A text that does not apply is the empty string, except <see cref="OutcomeDetail"/>, which is null.
/// </remarks>
public sealed record LedgerColumns
{
    /// <summary>Unix time in seconds at which the broker decided.</summary>
    public required long MintedAt { get; init; }

    /// <summary>SHA-256 of the bearer as 64 lower-case hex digits; empty when no bearer was presented.</summary>
    public required string RequesterToken { get; init; }

    /// <summary>
    /// The wallet, <c>0x</c> and 40 lower-case hex digits; <c>unknown</c> when the caller is not known.
    /// </summary>
    public required string RequesterWallet { get; init; }

    /// <summary>The role's ARN, <c>oidc_jwt</c> for a token, or the KMS method.</summary>
    public required string RequestedRole { get; init; }

    /// <summary>
    /// Lifetime of the credential in seconds; 0 for a refusal that came before the lifetime was decided.
    /// </summary>
    public required int SessionDurationSeconds { get; init; }

    /// <summary>
    /// STS role session name; the key id for a token; <c>(unauthenticated)</c> when nobody was let in.
    /// </summary>
    public required string StsSessionName { get; init; }

    /// <summary>One of <see cref="Foundation.Results.LedgerOutcome"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why, in words fit for an operator; never a secret. Null for a plain success.</summary>
    public string? OutcomeDetail { get; init; }

    /// <summary>
    /// The entry's own name, <see cref="Broker.Ledger.RecordId"/>: a token's <c>jti</c>, part of the role session name.
    /// </summary>
    public required string RecordId { get; init; }

    /// <summary>What kind of thing was asked for, see <see cref="EntryKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The actor it concerns: 64 lower-case hex digits, or empty.</summary>
    public string ActorOmni { get; init; } = "";

    /// <summary>The credential's subject: a token's <c>sub</c>, or a measured identity in the KMS.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The HTTP request's id, as in the answer's <c>X-Request-Id</c>.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>
    /// SHA-256 of the canonical signed request as 64 lower-case hex digits, where the request was signed.
    /// </summary>
    public string RequestHash { get; init; } = "";

    /// <summary>AWS access key id of the credentials (public: CloudTrail shows it). Empty for other kinds.</summary>
    public string AccessKeyId { get; init; } = "";

    /// <summary>Unix time in seconds at which the credential ends; 0 where there is none.</summary>
    public long ExpiresAt { get; init; }

    /// <summary>
    /// Further facts that the decision rested on, as a JSON object in RFC 8785 form (measurements, grant id, mode);
    /// empty when there are none.
    /// </summary>
    public string Evidence { get; init; } = "";
}
