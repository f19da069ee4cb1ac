using System.Text;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Fuzz.Targets;

/// <summary>Receipts (C2SP tlog-proof): reading and checking one never fails otherwise than by saying so.</summary>
internal sealed class ReceiptTarget : IFuzzTarget
{
    public string Name => "receipt";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        .. ((string[])
        [
            InclusionReceipt.Format(1, [TreeHasher.Empty], NoteSeeds.Note),
            InclusionReceipt.Format(0, [], NoteSeeds.Note),
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public void Execute(byte[] input)
    {
        if (!InclusionReceipt.TryParse(Encoding.UTF8.GetString(input), out var receipt)) return;
        if (receipt.FindFault("entry"u8, NoteSeeds.Key) is null)
            throw new FuzzFindingException("a receipt that nobody signed holds");
    }

    public long AllocationBound(int inputLength) => 64 * 1024 + (64L * inputLength);
}
