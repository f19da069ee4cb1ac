using System.Text;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;

namespace Broker.Ledger.Witness;

/// <summary>
/// Asks one witness to cosign this ledger's checkpoints (C2SP tlog-witness). Remembers how far the witness has come;
/// a witness that knows better says so, and is asked once more from there.
/// </summary>
public sealed class WitnessClient(HttpClient http, Uri submissionPrefix, NoteKey witnessKey, LedgerReader reader)
{
    // A sequence of signature lines: as many and as long as a note must be able to have (signed-note, "Format").
    private const int MaxAnswer = 1 << 17;

    private long _seenSize;

    /// <summary>
    /// The cosignature lines for a checkpoint of this ledger, verified with the witness's key. Append them to the note.
    /// </summary>
    /// <exception cref="WitnessRefusedException">The witness did not cosign.</exception>
    /// <exception cref="HttpRequestException">It could not be reached.</exception>
    public async Task<string> CosignAsync(string note, CancellationToken stop)
    {
        if (!SignedNote.TryParse(note, out var signed) || !Checkpoint.TryParse(signed.Text, out var checkpoint))
        {
            throw new ArgumentException("not a signed checkpoint", nameof(note));
        }

        var (status, answer) = await AskAsync(_seenSize, checkpoint, note, stop);
        if (status == 409
            && Checkpoint.TryParseSize(answer.TrimEnd('\n'), out var itsSize)
            && itsSize <= checkpoint.Size)
        {
            (status, answer) = await AskAsync(itsSize, checkpoint, note, stop);
        }

        if (status != 200) throw new WitnessRefusedException($"{witnessKey.Name} answered HTTP {status}");
        var lines = Verified(signed.Text, answer);
        _seenSize = checkpoint.Size;
        return lines;
    }

    private async Task<(int Status, string Answer)> AskAsync(
        long oldSize, Checkpoint checkpoint, string note, CancellationToken stop)
    {
        var proof = reader.Consistency(oldSize, checkpoint.Size)
            ?? throw new WitnessRefusedException($"{witnessKey.Name} has seen {oldSize} entries, more than there are");
        using var body = new StringContent(WitnessRequest.Format(oldSize, proof.Path, note), Encoding.UTF8);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(submissionPrefix, "add-checkpoint"));
        request.Content = body;
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        await answer.Content.LoadIntoBufferAsync(MaxAnswer, stop);

        // Notes are UTF-8, whatever charset the answer's header names.
        var bytes = await answer.Content.ReadAsByteArrayAsync(stop);
        return ((int)answer.StatusCode, NoteText.TryDecode(bytes, out var text) ? text : "");
    }

    // One line that the expected key signed is passed on. Repeats of it, which would crowd other witnesses' lines out
    // of the note, and lines of other keys are left out.
    private string Verified(string text, string answer)
    {
        if (!SignedNote.TryParse($"{text}\n{answer}", out var cosigned)
            || cosigned.Verify(witnessKey) != NoteVerdict.Signed)
        {
            throw new WitnessRefusedException(
                $"{witnessKey.Name} answered without a cosignature that its key verifies");
        }

        var cosignature = cosigned.Signatures.First(
            signature => signature.Name == witnessKey.Name && signature.KeyId == witnessKey.Id);
        return Cosignature.TimeOf(cosignature) is not null
            ? cosignature.ToLine()
            : throw new WitnessRefusedException($"{witnessKey.Name} answered with a cosignature without a time");
    }
}

/// <summary>A witness did not cosign; the message says what it answered.</summary>
public sealed class WitnessRefusedException(string message) : Exception(message);
