using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Signer;

/// <summary>Why the signer refuses; the kinds are the contract's (§10.1).</summary>
internal static class SignerRefusals
{
    public static readonly RefusalCode InvalidOmniAccount = Invalid("invalid_omni_account");
    public static readonly RefusalCode InvalidMessageHex = Invalid("invalid_message_hex");
    public static readonly RefusalCode InvalidTypedData = Invalid("invalid_typed_data");

    public static readonly RefusalCode NotOwnOmni = Refused.Unauthorized(
        "omni_account_of_another", "Name the omni_account that the answer of the sign-in told, or sign in as the other actor.");

    public static readonly RefusalCode NotForPrograms = Refused.Forbidden(
        "signer_not_for_programs", "Send the session that a sign-in gave, not one that was exchanged.");

    public static readonly RefusalCode NotForAgents = Refused.Forbidden(
        "signer_not_for_agents",
        "Ask a signer in the broker's own process: this one does not know whether the agent's master has suspended it.");

    public static readonly RefusalCode Disabled = new(
        "signer_disabled", "signer_disabled", Status503ServiceUnavailable,
        "Ask the operator to set DEV_KEY_SERVICE_MASTER_SECRET and start the process again.", null);

    public static readonly RefusalCode NoTee = new(
        "attestation_unavailable", "not_found", Status404NotFound,
        "Ask a signer that runs in a confidential machine.", null);

    public static readonly RefusalCode NoQuote = new(
        "quote_unavailable", "unavailable", Status503ServiceUnavailable, Refused.TryLater, null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        InvalidOmniAccount, InvalidMessageHex, InvalidTypedData, NotOwnOmni, NotForPrograms, NotForAgents, Disabled, NoTee, NoQuote,
    ];

    private static RefusalCode Invalid(string text) =>
        new(text, text, Status400BadRequest, Refused.CorrectAndSend, LedgerOutcome.BadRequest);
}
