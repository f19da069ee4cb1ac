using System.Security.Cryptography;

namespace Broker.EndToEnd.Crash;

/// <summary>
/// Does to the ledger's index, while no broker runs, what may happen to a file that nobody has to keep.
/// </summary>
internal sealed class IndexSaboteur(string indexFile)
{
    private const int PageSize = 4096;

    private readonly SortedDictionary<string, int> _done = new(StringComparer.Ordinal);
    private readonly List<byte[]> _older = [];

    /// <summary>What was done how often.</summary>
    public string Summary => string.Join(", ", _done.Select(act => $"{act.Key} {act.Value}"));

    /// <summary>Does one thing at random, and says what.</summary>
    public string Strike()
    {
        var what = File.Exists(indexFile) ? Act(RandomNumberGenerator.GetInt32(7)) : "not there";
        _done[what] = _done.GetValueOrDefault(what) + 1;
        return what;
    }

    private string Act(int choice)
    {
        if (_older.Count < 8) _older.Add(File.ReadAllBytes(indexFile));

        // Most of a young index is still in its write-ahead log.
        var (file, name) = File.Exists(indexFile + "-wal") && RandomNumberGenerator.GetInt32(2) == 0
            ? (indexFile + "-wal", "its log")
            : (indexFile, "it");
        var content = File.ReadAllBytes(file);
        switch (choice)
        {
            case 0:
                foreach (var part in (string[])["", "-wal", "-shm"]) File.Delete(indexFile + part);
                return "deleted";
            case 1:
                File.Delete(indexFile + "-wal");
                return "its log deleted";
            case 2 when content.Length > 0:
                File.WriteAllBytes(file, content[..RandomNumberGenerator.GetInt32(content.Length)]);
                return $"{name} truncated";
            case 3 when content.Length > 0:
                for (var places = 0; places < 20; places++)
                {
                    var at = RandomNumberGenerator.GetInt32(content.Length);
                    RandomNumberGenerator.Fill(content.AsSpan(at, Math.Min(8, content.Length - at)));
                }

                File.WriteAllBytes(file, content);
                return $"{name} overwritten in places";
            case 4 when content.Length > PageSize:
                content.AsSpan(RandomNumberGenerator.GetInt32(content.Length / PageSize) * PageSize, PageSize).Clear();
                File.WriteAllBytes(file, content);
                return $"a page of {name} zeroed";
            case 5:
                File.WriteAllBytes(indexFile, _older[RandomNumberGenerator.GetInt32(_older.Count)]);
                return "replaced by an older copy";
            default:
                return "left alone";
        }
    }
}
