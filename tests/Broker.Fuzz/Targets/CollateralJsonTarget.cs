using Broker.Attestation.Collateral;

namespace Broker.Fuzz.Targets;

/// <summary>The JSON form of collateral: what is accepted can be written and read again.</summary>
internal sealed class CollateralJsonTarget : IFuzzTarget
{
    public string Name => "collateral-json";

    public int Weight => 6;

    public IEnumerable<byte[]> Seeds()
        => [QuoteCollateralJson.Write(SimulatedSeeds.Collateral), .. Corpus.Files("real", "collateral.json")];

    public void Execute(byte[] input)
    {
        if (QuoteCollateralJson.Read(input) is not { Succeeded: true, Collateral: { } collateral }) return;
        if (!QuoteCollateralJson.Read(QuoteCollateralJson.Write(collateral)).Succeeded)
        {
            throw new FuzzFindingException("cannot read what it wrote");
        }
    }

    public long AllocationBound(int inputLength) => 128 * 1024 + (48L * inputLength);
}
