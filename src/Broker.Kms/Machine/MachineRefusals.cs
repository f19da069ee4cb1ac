using Broker.Foundation.Results;
using static Broker.Kms.KmsRefusals;

namespace Broker.Kms.Machine;

/// <summary>Why the KMS knows nothing of its own machine.</summary>
internal static class MachineRefusals
{
    public static readonly RefusalCode AgentUnavailable = Declare("agent_unavailable", LedgerOutcome.BackendError,
        "Run the KMS where it reaches a guest agent, then ask again.");

    public static readonly RefusalCode OwnEvidenceRefused = Declare("own_evidence_refused", LedgerOutcome.AuthFailed,
        "Have the operator update the machine that this KMS runs on.");
}
