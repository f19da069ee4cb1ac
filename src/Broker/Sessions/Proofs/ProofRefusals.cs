using Broker.Foundation.Results;
using Broker.Http;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Sessions.Proofs;

/// <summary>Why a proof of possession is refused (RFC 9449 §7.1, §8). The challenge names the error.</summary>
internal static class ProofRefusals
{
    public const string InvalidProof = "invalid_dpop_proof";
    public const string UseNonce = "use_dpop_nonce";

    public static readonly RefusalCode Invalid = Of(
        "dpop_proof_not_valid", InvalidProof,
        "Sign a new proof for this very request (RFC 9449) with the key of the token.");

    public static readonly RefusalCode Replayed = Of(
        "dpop_proof_replayed", InvalidProof, "Sign a new proof with a new jti for each request.");

    public static readonly RefusalCode WrongNonce = Of(
        "dpop_nonce_not_valid", UseNonce, "Send the request again with the nonce of the header DPoP-Nonce.");

    public static readonly RefusalCode Missing = Of(
        "dpop_proof_missing", "invalid_token",
        "Send the token as Authorization: DPoP, with a proof by its key in the header DPoP.");

    public static readonly RefusalCode TooMany = new(
        "dpop_proofs_rate_limited", "rate_limited", Status503ServiceUnavailable, Refused.TryLater, null);

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [Invalid, Replayed, WrongNonce, Missing, TooMany];

    private static RefusalCode Of(string text, string error, string nextStep) =>
        Refused.Unauthorized(text, nextStep) with
        {
            ChallengeError = error,
            ChallengeScheme = BearerToken.ProvenScheme,
        };
}
