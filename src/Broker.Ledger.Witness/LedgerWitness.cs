using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Witness;

/// <summary>
/// Watches other logs (C2SP tlog-witness): cosigns a checkpoint only if it continues the one cosigned before, so that a
/// log cannot show different histories to different people without this witness's key to help it.
/// </summary>
/// <remarks>
/// What was seen of a log is one file in the state folder, named by the SHA-256 of its origin in hex: the newest
/// checkpoint with the log's signatures and the cosignature. It is on disk before the cosignature leaves.
/// </remarks>
public sealed class LedgerWitness
{
    private readonly string _folder;
    private readonly string _name;
    private readonly Ed25519SigningKey _key;
    private readonly WatchedLog[] _logs;
    private readonly TimeProvider _time;
    private readonly Lock _guard = new();

    /// <param name="folder">Where the state is kept; made when it is missing.</param>
    /// <param name="name">The witness's name in its signatures.</param>
    /// <param name="key">Its key. Never use it for anything else: the signed message does not name the witness.</param>
    /// <param name="logs">The logs it watches: one for each origin and key that it trusts there.</param>
    /// <param name="time">The clock of the cosignatures.</param>
    public LedgerWitness(
        string folder, string name, Ed25519SigningKey key, IEnumerable<WatchedLog> logs, TimeProvider time)
    {
        _folder = folder;
        _name = name;
        _key = key;
        _logs = [.. logs];
        _time = time;
        VerifierKey = new NoteKey(name, NoteKeyType.CosignatureV1, key.VerifyingKey);
        Directory.CreateDirectory(folder);
    }

    /// <summary>The same for logs that are known by their keys alone.</summary>
    public LedgerWitness(
        string folder, string name, Ed25519SigningKey key, IEnumerable<NoteKey> logs, TimeProvider time)
        : this(folder, name, key, logs.Select(log => new WatchedLog(log)), time)
    {
    }

    /// <summary>What verifies this witness's cosignatures.</summary>
    public NoteKey VerifierKey { get; }

    /// <summary>Answers <c>POST add-checkpoint</c>.</summary>
    public WitnessAnswer AddCheckpoint(ReadOnlySpan<byte> body) => NoteText.TryDecode(body, out var text)
        ? AddCheckpoint(text)
        : WitnessAnswer.Malformed("a request is UTF-8");

    /// <inheritdoc cref="AddCheckpoint(ReadOnlySpan{byte})"/>
    public WitnessAnswer AddCheckpoint(string body)
    {
        // 1. Is it a request, of a log that we watch, signed by that log?
        if (!WitnessRequest.TryParse(body, out var request))
            return WitnessAnswer.Malformed("no add-checkpoint request");
        var checkpoint = request.Checkpoint;
        var keys = KeysOf(checkpoint.Origin, request.Note);
        if (keys.Count == 0) return WitnessAnswer.UnknownLog;
        var verdict = request.Note.Verify(keys);
        if (verdict == NoteVerdict.Forged) return WitnessAnswer.NotSigned("the log's signature does not verify");
        if (verdict != NoteVerdict.Signed) return WitnessAnswer.NotSigned("no signature by a trusted key");
        if (request.OldSize > checkpoint.Size) return WitnessAnswer.Malformed("the old size exceeds the checkpoint's");

        // 2. Does it continue what we saw? Compared and kept in one step: two requests must not overtake each other.
        lock (_guard)
        {
            var seen = Seen(checkpoint.Origin);
            if (request.OldSize != (seen?.Size ?? 0)) return WitnessAnswer.OtherSize(seen?.Size ?? 0);
            if (checkpoint.Size == 0 && checkpoint.Root != TreeHasher.Empty)
            {
                return WitnessAnswer.Inconsistent("the empty tree has another root");
            }

            var oldRoot = seen?.Root ?? TreeHasher.Empty;
            if (!MerkleVerifier.IsConsistent(
                request.OldSize, checkpoint.Size, [.. request.Proof], oldRoot, checkpoint.Root))
            {
                return WitnessAnswer.Inconsistent("the tree does not continue the one that was cosigned before");
            }

            // 3. Keep it, then say so.
            var line = Cosignature.Sign(_name, _key, request.Note.Text, _time.GetUtcNow());
            Keep(checkpoint.Origin, WithTrustedSignatures(request.Note, keys) + line);
            return WitnessAnswer.Cosigned(line);
        }
    }

    /// <summary>
    /// The newest cosigned checkpoint of the log whose origin has this SHA-256, for <c>GET &lt;hash&gt;/checkpoint</c>;
    /// null when none was cosigned.
    /// </summary>
    public string? Newest(string originHash)
    {
        if (originHash.Length != 64 || !Hex.IsLowerCase(originHash)) return null;
        var path = Path.Combine(_folder, originHash);
        if (!File.Exists(path)) return null;

        // Not read as a text file: that would cut off a byte order mark that the log signed.
        return NoteText.TryDecode(File.ReadAllBytes(path), out var note)
            ? note
            : throw new InvalidDataException($"the witness's state was changed or is damaged: {path}");
    }

    private List<NoteKey> KeysOf(string origin, SignedNote note) =>
        [.. _logs.Where(log => log.IsOf(origin, note)).Select(log => log.Key)];

    // Signatures of keys that we do not know are not ours to pass on. Anybody can repeat a line of the log's; kept
    // with its repeats, a note could have more lines than a reader takes.
    private static string WithTrustedSignatures(SignedNote note, IReadOnlyList<NoteKey> keys)
    {
        var text = new StringBuilder(note.Text).Append('\n');
        foreach (var signature in note.Signatures.DistinctBy(signature => (signature.Name, signature.KeyId)))
        {
            if (keys.Any(key => key.Name == signature.Name && key.Id == signature.KeyId))
            {
                text.Append(signature.ToLine());
            }
        }

        return text.ToString();
    }

    private Checkpoint? Seen(string origin)
    {
        if (Newest(HashOf(origin)) is not { } text) return null;
        return SignedNote.TryParse(text, out var note) && note.Verify(VerifierKey) == NoteVerdict.Signed
            && Checkpoint.TryParse(note.Text, out var checkpoint) && checkpoint.Origin == origin
            ? checkpoint
            : throw new InvalidDataException(
                $"the witness's state for {origin} was changed or is damaged: {Path.Combine(_folder, HashOf(origin))}");
    }

    private void Keep(string origin, string note) =>
        DurableFile.Replace(
            Path.Combine(_folder, HashOf(origin)), Encoding.UTF8.GetBytes(note), DurableFile.ReadableByAll);

    private static string HashOf(string origin) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));
}
