using System.Net;
using Broker.Attestation.Evidence;

namespace Broker.Kms.Tls;

/// <summary>Who is at the other end of a call.</summary>
/// <param name="Attestation">What its client certificate proves; null for a caller without evidence.</param>
/// <param name="RequestId">Names the call in the ledger and in our log.</param>
/// <param name="Address">Where the connection comes from.</param>
internal sealed record RpcCaller(VerifiedAttestation? Attestation, string RequestId, IPAddress? Address);
