using Broker.Cryptography;
using Broker.Http;
using Broker.OAuth.Protocol;
using Broker.People;

namespace Broker.OAuth.Clients;

/// <summary>
/// Clients by their documents: fetched when they are asked for, and kept for a while. Many who ask at once wait for one
/// fetch; how many are fetched in a minute is bounded, in all and for each host.
/// </summary>
internal sealed partial class ClientDocuments(DocumentFetcher fetcher, TimeProvider time, ILogger<ClientDocuments> log)
{
    private const int Capacity = 1000;
    private const int PerMinute = 120;
    private const int PerHostAndMinute = 20;

    /// <summary>Longer than a person takes to decide.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan Usual = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(30);

    private readonly ExpiringMemory<OAuthClient> _clients = new(Capacity, time);
    private readonly ExpiringMemory<Task<OAuthClient?>> _fetches = new(Capacity, time);
    private readonly RateWindows _windows = new(time, RateWindows.Minute);

    /// <summary>Null where it was not fetched, or too long ago.</summary>
    public OAuthClient? Find(string address) => _clients.Find(Sha256Digest.Of(address));

    /// <summary>Null where there is no usable document.</summary>
    public ValueTask<OAuthClient?> FindAsync(string address)
    {
        if (!fetcher.Takes(address)) return default;
        if (Find(address) is { } known) return new(known);

        // Whoever hangs up does not end the fetch of the others.
        lock (_fetches)
        {
            var key = Sha256Digest.Of(address);
            if (_fetches.Find(key) is { } begun) return new(begun);
            var fetch = Task.Run(() => FetchAsync(address, key));
            _fetches.Keep(key, fetch, time.GetUtcNow() + AfterFault);
            return new(fetch);
        }
    }

    private async Task<OAuthClient?> FetchAsync(string address, Sha256Digest key)
    {
        try
        {
            if (_windows.Take("all", PerMinute) is not null
                || _windows.Take(new Uri(address).Authority, PerHostAndMinute) is not null)
                throw new FormatException("too many documents were asked for");
            var document = await fetcher.FetchAsync(address, CancellationToken.None);
            var client = ClientDocument.Read(address, document.Json);
            var age = document.MaxAge ?? Usual;
            _clients.Keep(
                key, client, time.GetUtcNow() + (age < Shortest ? Shortest : age > Longest ? Longest : age));
            return client;
        }
        catch (FormatException wrong)
        {
            LogNoClient(log, new Uri(address).Authority, wrong.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "a client of {Host} is not taken: {Reason}")]
    private static partial void LogNoClient(ILogger log, string host, string reason);
}
