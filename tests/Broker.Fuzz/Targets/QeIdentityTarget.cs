using System.Text;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Fuzz.Targets;

internal sealed class QeIdentityTarget : IFuzzTarget
{
    public string Name => "qe-identity";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds() =>
    [
        Encoding.UTF8.GetBytes(SimulatedSeeds.Collateral.QeIdentity),
        .. Corpus.Texts("real", "collateral.json", "qe_identity").Select(Encoding.UTF8.GetBytes),
    ];

    public void Execute(byte[] input)
    {
        if (QeIdentityReader.Read(new Examination(), input, TeeType.Tdx) is not { } identity) return;
        for (var i = 1; i < identity.Levels.Length; i++)
        {
            if (identity.Levels[i - 1].IsvSvn <= identity.Levels[i].IsvSvn)
            {
                throw new FuzzFindingException("levels out of order");
            }
        }
    }

    public long AllocationBound(int inputLength) => 128 * 1024 + (128L * inputLength);
}
