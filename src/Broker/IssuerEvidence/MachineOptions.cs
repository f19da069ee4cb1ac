using Broker.Kms.Configuration;

namespace Broker.IssuerEvidence;

/// <summary>
/// Where the machine's guest agent is, and by whose word evidence is judged: the settings of the KMS.
/// </summary>
internal sealed record MachineOptions(KmsOptions Machine);
