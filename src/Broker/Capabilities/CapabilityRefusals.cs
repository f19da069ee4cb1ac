using System.Text.Json;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Capabilities;

/// <summary>Why a capability is not minted; the codes are the contract's reasons (§2.17).</summary>
internal static class CapabilityRefusals
{
    private const string RegisterDevice = "Let the operator register the device with these omnis and the minting role.";

    public static readonly RefusalCode OperatorMismatch = Refused.Forbidden(
        "operator_mismatch", "Send the session token of the operator, or of the agent that is the actor.");

    public static readonly RefusalCode DeviceNotActive = Refused.Forbidden("device_not_active", RegisterDevice);
    public static readonly RefusalCode DeviceBindingMismatch = Refused.Forbidden(
        "device_binding_mismatch", RegisterDevice);

    public static readonly RefusalCode DeviceRoleMissing = Refused.Forbidden("device_role_missing", RegisterDevice);
    public static readonly RefusalCode DeviceRevoked = Refused.Forbidden("device_revoked", RegisterDevice);

    public static readonly RefusalCode ServiceNotInScope = Refused.Forbidden(
        "service_not_in_scope", "Let the operator give the service to the actor.");

    public static readonly RefusalCode CapPopInvalid = Refused.Forbidden(
        "cap_pop_invalid",
        "Sign agentkeys-cap-pop:v1 with the device's key, a new client_nonce and the present client_ts.");

    public static readonly RefusalCode CredStoreNotMasterSelf = Refused.Forbidden(
        "cred_store_not_master_self", "Store credentials as the master: actor_omni is operator_omni.");

    public static readonly RefusalCode ChainRpcError = new(
        "chain_rpc_error", "backend_unreachable", Status502BadGateway, Refused.TryLater, LedgerOutcome.BackendError);

    public static readonly RefusalCode CapabilityGatesMissing = new(
        "capability_gates_missing", "internal", Status503ServiceUnavailable,
        "Ask the operator to set BROKER_CAPABILITY_GATES and what the message names.", LedgerOutcome.BackendError);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        OperatorMismatch, DeviceNotActive, DeviceBindingMismatch, DeviceRoleMissing, DeviceRevoked, ServiceNotInScope,
        CapPopInvalid, CredStoreNotMasterSelf, ChainRpcError, CapabilityGatesMissing,
    ];
}

/// <summary>
/// The contract's other error body (§1.1): <c>{"error":"&lt;text&gt;","reason":"&lt;code&gt;"}</c>. The reason is
/// <c>invalid_input</c> for what cannot be read, <c>unauthorized</c> for who is not known, and the stable code
/// otherwise.
/// </summary>
internal sealed class CapabilityErrorShape : IErrorShape
{
    public static readonly CapabilityErrorShape Instance = new();

    public int StatusOf(RefusalCode code) => code.Status;

    public void Write(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteString("error"u8, refusal.Detail);
        json.WriteString("reason"u8, refusal.Code.Status switch
        {
            Status400BadRequest or Status413PayloadTooLarge or Status415UnsupportedMediaType => "invalid_input",
            Status401Unauthorized => "unauthorized",
            _ => refusal.Code.Text,
        });
    }
}
