using Broker.Attestation.Collateral;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Collateral;

/// <summary>
/// Where certificates of chips come from. Untrusted transport: a certificate verifies, or it does not. Each method
/// throws <see cref="CollateralUnavailableException"/> when there is no answer.
/// </summary>
public interface IVcekOrigin
{
    /// <summary>DER.</summary>
    Task<byte[]> FetchLeafAsync(VcekKey key, CancellationToken stop);

    /// <summary>The family's ASK, DER.</summary>
    Task<byte[]> FetchIntermediateAsync(ProcessorFamily family, CancellationToken stop);

    /// <summary>The list of the family's root, DER.</summary>
    Task<byte[]> FetchRevocationListAsync(ProcessorFamily family, CancellationToken stop);
}
