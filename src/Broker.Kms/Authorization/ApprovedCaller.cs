using Broker.Attestation.Apps;


namespace Broker.Kms.Authorization;

/// <summary>A machine that is attested, that the authority allows and whose OS image is the one it claims.</summary>
/// <param name="Boot">What is measured about it.</param>
/// <param name="GatewayAppId">The gateway that the authority names for it.</param>
/// <param name="Subject">Its name in the ledger.</param>
internal sealed record ApprovedCaller(BootInfo Boot, string GatewayAppId, KmsSubject Subject);
