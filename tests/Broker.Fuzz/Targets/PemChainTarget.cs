using System.Text;
using Broker.Attestation.Verification;

namespace Broker.Fuzz.Targets;

/// <summary>
/// PEM chains as quotes and headers carry them: at most eight certificates, none larger than its text.
/// </summary>
internal sealed class PemChainTarget : IFuzzTarget
{
    public string Name => "pem-chain";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        Encoding.ASCII.GetBytes(SimulatedSeeds.Collateral.TcbInfoIssuerChain),
        .. Corpus.Texts("real", "collateral.json", "tcb_info_issuer_chain").Select(Encoding.ASCII.GetBytes),
        .. Corpus.Texts("real", "collateral.json", "pck_certificate_chain").Select(Encoding.ASCII.GetBytes),
    ];

    public void Execute(byte[] input)
    {
        var chain = PemChain.Read(input);
        if (chain.Length > 8 || chain.Sum(der => der.Length) > input.Length)
        {
            throw new FuzzFindingException("more than was given");
        }
    }

    public long AllocationBound(int inputLength) => 4096 + (2L * inputLength);
}
