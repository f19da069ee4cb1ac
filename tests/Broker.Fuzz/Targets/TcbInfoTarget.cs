using System.Text;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Fuzz.Targets;

/// <summary>TCB info behind its signature: accepted levels are complete, sorted and each there once.</summary>
internal sealed class TcbInfoTarget : IFuzzTarget
{
    public string Name => "tcb-info";

    public int Weight => 6;

    public IEnumerable<byte[]> Seeds() =>
    [
        Encoding.UTF8.GetBytes(SimulatedSeeds.Collateral.TcbInfo),
        .. Corpus.Texts("real", "collateral.json", "tcb_info").Select(Encoding.UTF8.GetBytes),
        .. Corpus.Texts("synthetic", "collateral.json", "tcb_info").Take(20).Select(Encoding.UTF8.GetBytes),
    ];

    public void Execute(byte[] input)
    {
        foreach (var tee in (ReadOnlySpan<TeeType>)[TeeType.Tdx, TeeType.Sgx])
        {
            if (TcbInfoReader.Read(new Examination(), input, tee) is not { } tcbInfo) continue;
            for (var i = 0; i < tcbInfo.Levels.Length; i++)
            {
                if (tcbInfo.Levels[i].SgxComponents.Length != 16)
                {
                    throw new FuzzFindingException("a level of other than 16 components");
                }

                if (i > 0 && TcbLevel.CompareDescending(tcbInfo.Levels[i - 1], tcbInfo.Levels[i]) >= 0)
                {
                    throw new FuzzFindingException("levels out of order");
                }
            }
        }
    }

    public long AllocationBound(int inputLength) => 256 * 1024 + (128L * inputLength);
}
