using Broker.LocalCloud.Http;

namespace Broker.LocalCloud.S3;

/// <summary>
/// The buckets' objects, in memory; with a folder they are also written there before a PUT answers, and read at the
/// start. One lock: this is for one developer.
/// </summary>
internal sealed class ObjectStore
{
    public const int MaxObjectBytes = 64 * 1024 * 1024;
    public const long MaxTotalBytes = 1024L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedList<string, StoredObject>> _buckets = new(StringComparer.Ordinal);
    private readonly ObjectFolder? _folder;
    private long _totalBytes;

    public ObjectStore(IEnumerable<string> buckets, string? folder)
    {
        foreach (var bucket in buckets) _buckets[bucket] = new(StringComparer.Ordinal);
        if (folder is null) return;
        _folder = new ObjectFolder(folder);
        foreach (var (bucket, objects) in _buckets)
        {
            foreach (var stored in _folder.Load(bucket))
            {
                objects[stored.Key] = stored;
                _totalBytes += stored.Bytes.Length;
            }
        }
    }

    public StoredObject? Find(string bucket, string key)
    {
        lock (_gate) return _buckets[bucket].GetValueOrDefault(key);
    }

    /// <summary>
    /// Keeps the object if the object it would replace (or its absence) satisfies <paramref name="condition"/>.
    /// </summary>
    /// <returns>Null when it is kept.</returns>
    public AwsRefusal? Put(string bucket, StoredObject stored, Func<StoredObject?, bool> condition)
    {
        lock (_gate)
        {
            var before = _buckets[bucket].GetValueOrDefault(stored.Key);
            if (!condition(before)) return S3Refusals.PreconditionFailed;
            var total = _totalBytes - (before?.Bytes.Length ?? 0) + stored.Bytes.Length;
            if (total > MaxTotalBytes) return S3Refusals.Full;
            _folder?.Save(bucket, stored);
            _buckets[bucket][stored.Key] = stored;
            _totalBytes = total;
            return null;
        }
    }

    public void Delete(string bucket, string key)
    {
        lock (_gate)
        {
            if (!_buckets[bucket].Remove(key, out var removed)) return;
            _folder?.Delete(bucket, key);
            _totalBytes -= removed.Bytes.Length;
        }
    }

    /// <summary>One page of the bucket's keys in their order.</summary>
    public ObjectListing List(string bucket, ListingWish wish)
    {
        lock (_gate) return ObjectListing.Of(_buckets[bucket].Values, wish);
    }
}
