using Broker.Foundation.Results;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms;

/// <summary>Declares the reasons for which features of the KMS refuse.</summary>
internal static class KmsRefusals
{
    /// <summary>
    /// A reason to refuse. Callers read the refusal's own words, since dstack's clients know no codes; the ledger keeps
    /// the code beside them.
    /// </summary>
    /// <param name="text">The stable code without its <c>kms_</c>.</param>
    /// <param name="outcome">
    /// How the ledger says it. The status follows: 400, as dstack's clients expect of everything that is the caller's,
    /// or 429 where it was too many.
    /// </param>
    /// <param name="nextStep">What the caller can do, in one sentence.</param>
    public static RefusalCode Declare(string text, LedgerOutcome outcome, string nextStep) => new(
        $"kms_{text}", outcome.Text,
        outcome == LedgerOutcome.RateLimited
            ? StatusCodes.Status429TooManyRequests
            : StatusCodes.Status400BadRequest,
        nextStep, outcome);
}
