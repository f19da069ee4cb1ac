using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Capabilities;

/// <summary>Why a capability is not taken; the codes are the contract's reasons (§11.5) where it has one.</summary>
internal static class CapabilityCheckRefusals
{
    private const string Another = "Mint a capability for what this route does: see POST /v1/cap/….";
    private const string MintAnew = "Mint the capability again.";

    public static readonly RefusalCode SignatureInvalid = Refused.Forbidden(
        "broker_sig_invalid", "Send payload and broker_sig as POST /v1/cap/… answered them.");

    public static readonly RefusalCode Expired = Refused.Forbidden("cap_expired", MintAnew);

    public static readonly RefusalCode NotYetValid = Refused.Forbidden(
        "cap_not_yet_valid", "Ask the operator to set the clocks of the broker and of this service.");

    public static readonly RefusalCode OpMismatch = Refused.Forbidden("cap_op_mismatch", Another);
    public static readonly RefusalCode DataClassMismatch = Refused.Forbidden("cap_data_class_mismatch", Another);

    public static readonly RefusalCode EpochMismatch = Refused.Forbidden("k3_epoch_mismatch", MintAnew);

    public static readonly RefusalCode ChainRpc = new(
        "chain_rpc", "backend_unreachable", Status502BadGateway, Refused.TryLater, LedgerOutcome.BackendError);

    /// <summary>Every code of the check.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        SignatureInvalid, Expired, NotYetValid, OpMismatch, DataClassMismatch, EpochMismatch, ChainRpc,
    ];
}
