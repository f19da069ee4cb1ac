using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.IssuerEvidence;

/// <summary>
/// Why there is no evidence of the issuer. None is an entry: nothing is asked for that could be misused.
/// </summary>
internal static class EvidenceRefusals
{
    public static readonly RefusalCode NotConfidential = new(
        "issuer_not_attested", "not_found", Status404NotFound,
        "Trust this issuer's operator, or use an issuer that runs in a confidential machine.", null);

    public static readonly RefusalCode InvalidNonce = new(
        "invalid_nonce", "bad_request", Status400BadRequest, Refused.CorrectAndSend, null);

    public static readonly RefusalCode RateLimited = Refused.RateLimited("evidence_rate_limited");

    public static readonly RefusalCode Unavailable = new(
        "evidence_unavailable", "unavailable", Status503ServiceUnavailable, Refused.TryLater, null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [NotConfidential, InvalidNonce, RateLimited, Unavailable];
}
