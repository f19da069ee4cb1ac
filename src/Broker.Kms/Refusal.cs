using Broker.Foundation.Results;

namespace Broker.Kms;

/// <summary>Why a request is not granted. Goes to the caller and into the ledger, word for word.</summary>
/// <param name="Text">The words that dstack's tools and operators know (kms-protocol §7.2).</param>
/// <param name="Outcome">
/// One of the ledger's outcomes: <c>denied</c>, <c>auth_failed</c>, <c>bad_request</c>, <c>backend_error</c>.
/// </param>
internal sealed record Refusal(string Text, LedgerOutcome Outcome)
{
    /// <summary>The same refusal, with where it happened in front.</summary>
    public Refusal Within(string context) => this with { Text = $"{context}: {Text}" };
}
