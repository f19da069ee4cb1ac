using System.Collections.Concurrent;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.OAuth.Clients;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// The keys of foreign issuers, fetched when they are needed and kept for a while. A key id that is not among them has
/// them fetched anew, but no issuer is asked more often than every 30 seconds, whatever tokens strangers send. Where
/// an issuer cannot be asked its last keys are good for a day.
/// </summary>
internal sealed partial class IssuerKeys(DocumentFetcher fetcher, TimeProvider time, ILogger<IssuerKeys> log)
{
    private const int MostIssuers = 1000;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Usual = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan BetweenFetches = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Issuer, string? JwksUri), KnownKeys> _issuers = [];

    /// <summary>The keys that may have signed; all where the token names none, none for an unknown id.</summary>
    public async ValueTask<Result<VerificationKey[]>> FindAsync(ForeignIssuer issuer, string? keyId)
    {
        if (issuer.Keys is { } written) return Named(written, keyId);

        // Issuers that left the file stay until there are too many.
        if (_issuers.Count > MostIssuers) _issuers.Clear();
        var known = _issuers.GetOrAdd((issuer.Name, issuer.JwksUri), _ => new KnownKeys());
        if (known.Fetched is { } fetched && time.GetUtcNow() < fetched.FreshUntil
            && Named(fetched.Keys, keyId) is { Length: > 0 } found)
            return found;

        await known.Gate.WaitAsync();
        try
        {
            return await FindBehindGateAsync(issuer, known, keyId);
        }
        finally
        {
            known.Gate.Release();
        }
    }

    private async ValueTask<Result<VerificationKey[]>> FindBehindGateAsync(
        ForeignIssuer issuer, KnownKeys known, string? keyId)
    {
        // Whoever waited may find that another one has fetched.
        var now = time.GetUtcNow();
        var isFresh = now < known.Fetched?.FreshUntil;
        if (isFresh && Named(known.Fetched!.Keys, keyId) is { Length: > 0 } found) return found;
        if (now >= known.NextFetch)
        {
            known.NextFetch = now + BetweenFetches;
            known.HasFailed = !await TryFetchAsync(issuer, known, now);
        }

        if (known.Fetched is { } fetched && now < fetched.UsableUntil
            && (Named(fetched.Keys, keyId) is { Length: > 0 } usable || !known.HasFailed))
            return Named(fetched.Keys, keyId);
        return new Refusal(ForeignRefusals.IssuerUnreachable, $"the keys of {issuer.Name} cannot be fetched now")
        {
            RetryAfter = known.NextFetch - now,
        };
    }

    private async Task<bool> TryFetchAsync(ForeignIssuer issuer, KnownKeys known, DateTimeOffset now)
    {
        try
        {
            var address = issuer.JwksUri ?? await DiscoverAsync(issuer);
            var document = await fetcher.FetchAsync(address, CancellationToken.None);
            var age = document.MaxAge ?? Usual;
            known.Fetched = new FetchedKeys(
                KeySet.Parse(document.Json), now + (age < Shortest ? Shortest : age > Longest ? Longest : age),
                now + Longest + Longest);
            return true;
        }
        catch (FormatException wrong)
        {
            LogNoKeys(log, issuer.Name, wrong.Message);
            return false;
        }
    }

    /// <summary>OpenID Connect Discovery 1.0 §4: the document must name the very issuer.</summary>
    private async Task<string> DiscoverAsync(ForeignIssuer issuer)
    {
        var address = $"{issuer.Name.TrimEnd('/')}/.well-known/openid-configuration";
        if (!fetcher.Takes(address)) throw new FormatException("its discovery document has no usual address");
        var document = await fetcher.FetchAsync(address, CancellationToken.None);
        try
        {
            using var discovery = StrictJson.Parse(document.Json);
            var root = discovery.RootElement;
            if (Text(root, "issuer") != issuer.Name)
                throw new FormatException("its discovery document names another issuer");
            return Text(root, "jwks_uri") is { } keys && fetcher.Takes(keys)
                ? keys
                : throw new FormatException("its discovery document has no acceptable jwks_uri");
        }
        catch (JsonException wrong)
        {
            throw new FormatException("its discovery document is not acceptable JSON", wrong);
        }
    }

    private static VerificationKey[] Named(IReadOnlyList<VerificationKey> keys, string? keyId) =>
        [.. keys.Where(key => keyId is null || key.KeyId == keyId)];

    private static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private sealed class KnownKeys
    {
        /// <summary>One fetch at a time.</summary>
        public SemaphoreSlim Gate { get; } = new(1);

        public volatile FetchedKeys? Fetched;

        public DateTimeOffset NextFetch { get; set; }

        public bool HasFailed { get; set; }
    }

    private sealed record FetchedKeys(
        IReadOnlyList<VerificationKey> Keys, DateTimeOffset FreshUntil, DateTimeOffset UsableUntil);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the keys of {Issuer} cannot be fetched: {Reason}")]
    private static partial void LogNoKeys(ILogger log, string issuer, string reason);
}
