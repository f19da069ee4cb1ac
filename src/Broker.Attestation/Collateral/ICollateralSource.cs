using Broker.Attestation.Verification;

namespace Broker.Attestation.Collateral;

/// <summary>Collateral ready to judge with: read, and its signatures checked, once for many quotes.</summary>
public interface ICollateralSource
{
    /// <summary>
    /// The collateral for quotes of this key. It may be at fault, out of date or another platform's: verification says
    /// so with every quote.
    /// </summary>
    /// <exception cref="CollateralUnavailableException">There is none to be had now.</exception>
    Task<PreparedCollateral> GetAsync(CollateralKey key, CancellationToken stop);
}
