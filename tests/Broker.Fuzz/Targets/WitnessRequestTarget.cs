using System.Text;
using Broker.Ledger.Merkle;
using Broker.Ledger.Witness;

namespace Broker.Fuzz.Targets;

/// <summary>Bodies of add-checkpoint (C2SP tlog-witness).</summary>
internal sealed class WitnessRequestTarget : IFuzzTarget
{
    public string Name => "witness-request";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        .. ((string[])
        [
            WitnessRequest.Format(0, [], NoteSeeds.Note),
            WitnessRequest.Format(7, [TreeHasher.Empty], NoteSeeds.Note),
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public void Execute(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!WitnessRequest.TryParse(text, out var request)) return;
        var note = request.Note.Text + "\n" + string.Concat(request.Note.Signatures.Select(line => line.ToLine()));
        if (WitnessRequest.Format(request.OldSize, request.Proof, note) != text)
            throw new FuzzFindingException("another request than the one that was read");
    }

    public long AllocationBound(int inputLength) => 64 * 1024 + (64L * inputLength);
}
