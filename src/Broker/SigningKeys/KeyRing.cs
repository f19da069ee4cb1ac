using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// The OIDC keys, which change while the process runs. One signs; all are published. To rotate: publish the next key
/// (announce), wait until relying parties have fetched the JWKS again, make it the signing key, and keep the old one
/// published until its last token has expired (retire). The ring sees to the last by itself: a key that has signed
/// stays published for as long as its tokens may live, wherever its file went.
/// </summary>
internal sealed class KeyRing : IDisposable
{
    private readonly string _purpose;
    private readonly IKeySource _source;
    private readonly TimeProvider _time;
    private readonly Lock _changing = new();
    private volatile Keys _now;

    private KeyRing(string purpose, IKeySource source, TimeProvider time)
    {
        (_purpose, _source, _time) = (purpose, source, time);
        _now = new Keys(source.Load().Keys, []);
    }

    /// <summary>The key that signs now. Ask for it at each signature.</summary>
    public SigningKey Signing => _now.Loaded[0].Key;

    /// <summary>Every key that stands in the JWKS, the signing one first. The same list until a key changes.</summary>
    public IReadOnlyList<PublishedKey> Published
    {
        get
        {
            var keys = _now;
            return keys.Retired.Count == 0 || keys.Retired[0].Until > _time.GetUtcNow()
                ? keys.Published
                : Forget();
        }
    }

    /// <summary>Another text whenever the source's keys may have changed.</summary>
    public string SourceState => _source.State;

    /// <exception cref="BootFailException">The source's keys cannot be used.</exception>
    public static KeyRing Load(string purpose, IKeySource source, TimeProvider time) => new(purpose, source, time);

    /// <summary>Takes the keys that the source has now.</summary>
    /// <exception cref="BootFailException">They cannot be used; those before stay.</exception>
    public KeyChange Reload()
    {
        lock (_changing)
        {
            var before = _now;
            var (loaded, withdrawn) = _source.Load();
            var ids = loaded.Select(one => one.Key.KeyId).ToHashSet(StringComparer.Ordinal);
            var now = _time.GetUtcNow();

            // Whoever signed until now may have tokens out there for as long as they live.
            var retired = before.Retired.Where(one => one.Until > now)
                .Append(new RetiredKey(before.Loaded[0], now + KeySchedule.Afterlife(_purpose)))
                .Where(one => !ids.Contains(one.Key.Key.KeyId) && !withdrawn.Contains(one.Key.Key.Thumbprint))
                .OrderBy(one => one.Until).ToList();
            _now = new Keys(loaded, retired);
            return new KeyChange(
                _purpose, loaded[0].Key.KeyId,
                WasAnnounced: before.Published.Any(one => one.Key.KeyId == loaded[0].Key.KeyId),
                [.. _now.Published.Select(one => one.Key.KeyId)]);
        }
    }

    // Keys that are replaced are left to the garbage collector: another thread may be signing with one.
    public void Dispose()
    {
        foreach (var one in _now.Published) one.Key.Dispose();
    }

    private IReadOnlyList<PublishedKey> Forget()
    {
        lock (_changing)
        {
            var now = _time.GetUtcNow();
            _now = new Keys(_now.Loaded, [.. _now.Retired.Where(one => one.Until > now)]);
            return _now.Published;
        }
    }

    private sealed record RetiredKey(PublishedKey Key, DateTimeOffset Until);

    private sealed class Keys(IReadOnlyList<PublishedKey> loaded, IReadOnlyList<RetiredKey> retired)
    {
        public IReadOnlyList<PublishedKey> Loaded => loaded;

        /// <summary>The first to go first.</summary>
        public IReadOnlyList<RetiredKey> Retired => retired;

        public IReadOnlyList<PublishedKey> Published { get; } = [.. loaded, .. retired.Select(one => one.Key)];
    }
}
