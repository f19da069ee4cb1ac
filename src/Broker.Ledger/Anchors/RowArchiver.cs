using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Broker.Ledger.Reading;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Anchors;

/// <summary>
/// Puts entries with their proofs beside the anchored checkpoints, a run at a time and by schedule, so that the anchor
/// alone can answer for them when the file is lost.
/// </summary>
internal sealed class RowArchiver(
    ILedgerAnchor anchor, IAnchorStates states, LedgerReader reader, TimeSpan? every, TimeProvider time)
{
    private const int RowsPerArchive = 10_000;

    private DateTimeOffset _next = time.GetUtcNow() + (every ?? TimeSpan.Zero);

    /// <summary>Archives what is new up to this size, when the schedule says so.</summary>
    /// <exception cref="AnchorFailedException">The anchor did not take it; the next call tries again.</exception>
    public async Task ArchiveAsync(long size, CancellationToken stop)
    {
        if (every is not { } period || time.GetUtcNow() < _next) return;
        for (var first = states.ArchivedTo() + 1; first <= size; first = states.ArchivedTo() + 1)
        {
            var archive = Pack(first, Math.Min(size, first + RowsPerArchive - 1));
            states.RecordArchive(archive, await anchor.ArchiveAsync(archive, stop));
        }

        _next = time.GetUtcNow() + period;
    }

    private RowArchive Pack(long firstId, long lastId)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var count = (int)(lastId - firstId + 1);
            foreach (var row in reader.Rows(new LedgerFilter { AfterId = firstId - 1, Limit = count }))
            {
                var receipt = reader.Receipt(row.Index) is { } text ? $"\"{JsonEncodedText.Encode(text)}\"" : "null";
                zip.Write("{\"entry\":"u8);
                zip.Write(row.ToCanonicalBytes());
                zip.Write(Encoding.UTF8.GetBytes($",\"leaf_hash\":\"{row.LeafHash}\",\"receipt\":{receipt}}}\n"));
            }
        }

        return new RowArchive(firstId, lastId, packed.ToArray());
    }
}
