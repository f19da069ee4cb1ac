using Broker.Attestation.Quotes;

namespace Broker.Attestation.Collateral;

/// <summary>Where collateral comes from as its makers wrote it: a service on the network, or a file.</summary>
public interface ICollateralOrigin
{
    /// <summary>The collateral for quotes of this key. It may be stale or forged: preparation finds out.</summary>
    /// <exception cref="CollateralUnavailableException">There is none to be had now.</exception>
    Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop);
}
