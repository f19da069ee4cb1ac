using System.Diagnostics.CodeAnalysis;
using System.Text;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Witness;

/// <summary>
/// The body of <c>add-checkpoint</c> (C2SP tlog-witness): the size that the witness saw last, the consistency proof
/// from there, an empty line, the signed checkpoint.
/// </summary>
/// <example>
/// <code>
/// old 20852014
/// PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
///
/// example.com/behind-the-sofa
/// 20852163
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/…
/// </code>
/// </example>
public sealed record WitnessRequest(
    long OldSize, IReadOnlyList<MerkleHash> Proof, SignedNote Note, Checkpoint Checkpoint)
{
    /// <summary>
    /// Longest body, in bytes or characters. With what the witness adds, the checkpoint in it stays a readable note.
    /// </summary>
    public const int MaxLength = SignedNote.MaxLength / 2;

    private const int MaxProof = 63;

    private const string OldWord = "old ";

    /// <summary>Writes the body for a checkpoint as the log signed it.</summary>
    public static string Format(long oldSize, IEnumerable<MerkleHash> proof, string note)
    {
        var body = new StringBuilder($"{OldWord}{oldSize}\n");
        foreach (var hash in proof) body.Append(hash.ToBase64()).Append('\n');
        return body.Append('\n').Append(note).ToString();
    }

    /// <summary>Reads a body strictly. Nothing in it is verified yet.</summary>
    public static bool TryParse(string body, [NotNullWhen(true)] out WitnessRequest? request)
    {
        request = null;
        if (body.Length > MaxLength || !body.StartsWith(OldWord, StringComparison.Ordinal)) return false;
        var split = body.IndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0) return false;
        var lines = body[OldWord.Length..split].Split('\n');
        if (lines.Length > 1 + MaxProof || !Checkpoint.TryParseSize(lines[0], out var oldSize)) return false;
        var proof = new MerkleHash[lines.Length - 1];
        for (var i = 0; i < proof.Length; i++)
        {
            if (!MerkleHash.TryParseBase64(lines[i + 1], out proof[i])) return false;
        }

        if (!SignedNote.TryParse(body[(split + 2)..], out var note)) return false;
        if (!Checkpoint.TryParse(note.Text, out var checkpoint)) return false;
        request = new WitnessRequest(oldSize, proof, note, checkpoint);
        return true;
    }
}
