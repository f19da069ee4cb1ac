using System.Text.Json;

namespace Broker.Ledger.Refusals;

/// <summary>Counts the refusals that got no entry of their own, by source and code, until they are summed up.</summary>
internal sealed class RefusalTally
{
    /// <summary>No more kinds than this are told apart; further ones count as <c>other</c>.</summary>
    public const int MostKinds = 4096;

    /// <summary>So many kinds stand in one entry, the most frequent first; the rest is one number.</summary>
    public const int KindsShown = 20;

    private const string Other = "other";

    private readonly Lock _lock = new();
    private Dictionary<(string Source, string Code), long> _counts = [];

    /// <summary>Refusals counted since the process began.</summary>
    public long Total { get; private set; }

    public void Add(string source, string code)
    {
        lock (_lock)
        {
            Total++;
            var kind = (source, code);
            if (_counts.Count >= MostKinds && !_counts.ContainsKey(kind)) kind = (Other, code);
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        }
    }

    /// <summary>What was counted since the last time; null when that is nothing.</summary>
    public (long Count, EntryEvidence Evidence)? Take()
    {
        Dictionary<(string Source, string Code), long> counts;
        lock (_lock)
        {
            if (_counts.Count == 0) return null;
            counts = _counts;
            _counts = [];
        }

        return (counts.Values.Sum(), Write(counts));
    }

    /// <summary>Puts back what could not be recorded.</summary>
    public void Return(long count)
    {
        lock (_lock) _counts[(Other, "not_recorded")] = _counts.GetValueOrDefault((Other, "not_recorded")) + count;
    }

    /// <summary><c>{"refusals":[{"code":"…","count":9,"source":"203.0.113.0/24"},…]}</c>.</summary>
    private static EntryEvidence Write(Dictionary<(string Source, string Code), long> counts) =>
        EntryEvidence.Of(json =>
        {
            json.WriteStartArray("refusals"u8);
            var ordered = counts.OrderByDescending(one => one.Value).ToArray();
            foreach (var (kind, count) in ordered.Take(KindsShown)) Write(json, kind.Source, kind.Code, count);
            var rest = ordered.Skip(KindsShown).Sum(one => one.Value);
            if (rest > 0) Write(json, Other, "various", rest);
            json.WriteEndArray();
        });

    private static void Write(Utf8JsonWriter json, string source, string code, long count)
    {
        json.WriteStartObject();
        json.WriteString("code"u8, code);
        json.WriteNumber("count"u8, count);
        json.WriteString("source"u8, source);
        json.WriteEndObject();
    }
}
