using System.Collections.Concurrent;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Collateral;

/// <summary>
/// Asks the origin with every quote, and prepares what it gives; for as long as that is the same, once. What it gives
/// anew counts from the same quote on.
/// </summary>
public sealed class PreparingCollateralSource(ICollateralOrigin origin, QuoteVerifier verifier) : ICollateralSource
{
    private readonly ConcurrentDictionary<CollateralKey, PreparedCollateral> _prepared = new();

    public async Task<PreparedCollateral> GetAsync(CollateralKey key, CancellationToken stop)
    {
        var collateral = await origin.FetchAsync(key, stop);
        if (_prepared.TryGetValue(key, out var prepared) && prepared.Source.HasContentOf(collateral)) return prepared;
        return _prepared[key] = verifier.Prepare(collateral, key.Tee);
    }
}
