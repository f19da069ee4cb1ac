using Broker.Attestation.Quotes;

namespace Broker.Attestation.Collateral;

/// <summary>
/// Collateral from one file in the <see cref="QuoteCollateralJson"/> form, for judging without a network.
/// </summary>
public sealed class FileCollateralOrigin(string path) : ICollateralOrigin
{
    /// <summary>
    /// The file's collateral, whatever the key: verification refuses it when it is for another platform.
    /// </summary>
    public async Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop)
    {
        var read = await CollateralFile.ReadAsync(path, stop)
            ?? throw new CollateralUnavailableException($"{path}: cannot be read");
        return read.Succeeded
            ? read.Collateral
            : throw new CollateralUnavailableException($"{path}: {read.Refusal.Detail}");
    }
}
