using Broker.Attestation.Quotes;

namespace Broker.Attestation.Collateral;

/// <summary>Where collateral comes from: a service on the network, a file, a cache before either.</summary>
public interface ICollateralSource
{
    /// <summary>The collateral for quotes of this key. It may be stale or forged: verification finds out.</summary>
    /// <exception cref="CollateralUnavailableException">There is none to be had now.</exception>
    Task<QuoteCollateral> GetAsync(CollateralKey key, CancellationToken stop);
}
