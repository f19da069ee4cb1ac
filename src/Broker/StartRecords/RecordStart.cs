using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Writing;

namespace Broker.StartRecords;

/// <summary>
/// Puts a start with other settings than the last one's on record, before anything listens: which have changed, by
/// name, and one hash over all. The first start of a state database has nothing to compare with, and is not an entry.
/// </summary>
internal sealed partial class RecordStart(
    SettingDigests digests, ILastStart last, ReleaseLedger ledger, TimeProvider time, ILogger<RecordStart> log)
{
    public static readonly EntryKind Kind = new("start");

    /// <summary>
    /// A ledger that cannot write leaves the last start as it was, so that the next one tells of the change.
    /// </summary>
    public async Task RunAsync()
    {
        var before = last.Read();
        var changed = before.Count == 0 ? [] : digests.ChangedSince(before);
        if (changed.Count > 0)
        {
            try
            {
                await ledger.AppendAsync(EntryOf(changed), CancellationToken.None);
            }
            catch (LedgerUnavailableException fault)
            {
                LogNotRecorded(log, string.Join(", ", changed), fault);
                return;
            }
        }

        if (changed.Count > 0 || before.Count != digests.ByName.Count) last.Replace(digests.ByName);
    }

    private LedgerEntry EntryOf(IReadOnlyList<string> changed)
    {
        var now = time.GetUtcNow();
        return new LedgerEntry
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = Kind,
            Outcome = LedgerOutcome.Ok,
            RequestedRole = "start",
            Session = EntrySession.Of("(start)"),
            Detail = $"the broker started with other settings: {changed.Count} changed",
            Evidence = EntryEvidence.Of(json =>
            {
                json.WriteStartArray("changed"u8);
                foreach (var name in changed) json.WriteStringValue(name);
                json.WriteEndArray();
                json.WriteString("settings_hash"u8, digests.Whole.ToString());
            }),
        };
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "a start with changed settings ({Names}) is not on record: the ledger cannot write")]
    private static partial void LogNotRecorded(ILogger log, string names, Exception fault);
}
