namespace Broker.Foundation.Results;

/// <summary>
/// A reason to refuse, declared by the feature that refuses. Once published a code never changes its meaning.
/// </summary>
/// <param name="Text">The stable code that callers see, in snake_case; no two features declare the same.</param>
/// <param name="Kind">The <c>error</c> member of the answer; its message begins with it, underscores as spaces.</param>
/// <param name="Status">HTTP status, 400 to 599.</param>
/// <param name="NextStep">What the caller can do, in one sentence.</param>
/// <param name="Outcome">The ledger's <c>outcome</c>; null where the refusal is not recorded.</param>
public sealed record RefusalCode(string Text, string Kind, int Status, string NextStep, LedgerOutcome? Outcome)
{
    /// <summary>
    /// The <c>error</c> of a bearer's challenge (RFC 6750 §3.1); null where no bearer was sent, or none was at fault.
    /// </summary>
    public string? ChallengeError { get; init; }

    /// <summary>The scheme that a 401 asks for: <c>Bearer</c>, or that of a proof (RFC 9449 §7.1).</summary>
    public string ChallengeScheme { get; init; } = "Bearer";

    /// <summary>The stable code.</summary>
    public override string ToString() => Text;
}
