using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Broker.Modules;

namespace Broker.OAuth.Clients;

/// <summary>
/// Fetches the document of a client that names itself by an address, and the keys of foreign issuers. The address is a
/// stranger's, or one that a foreign document names: it is asked over https at public addresses only, which are looked
/// at after the name was resolved; nothing is followed, and size and time are bounded. In development mode http to
/// loopback does, too.
/// </summary>
internal sealed class DocumentFetcher(bool isDevelopment) : IDisposable
{
    private const int LongestDocument = 32 * 1024;
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = LongestFetch,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseHeadersLength = 16,
        ConnectCallback = (context, stop) => ConnectAsync(context.DnsEndPoint, isDevelopment, stop),
    })
    {
        Timeout = LongestFetch,
        MaxResponseContentBufferSize = LongestDocument,
    };

    /// <summary>True for an address that a client may have for its id.</summary>
    public bool Takes(string address) => Takes(address, isDevelopment);

    /// <summary>True for an address that can be asked.</summary>
    public static bool Takes(string address, bool isDevelopment) =>
        address.Length <= 512 && Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.AbsoluteUri == address && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0
        && uri.AbsolutePath.Length > 1
        && (uri.Scheme == Uri.UriSchemeHttps || (isDevelopment && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    /// <exception cref="FormatException">There is no such document; says why.</exception>
    public async Task<FetchedDocument> FetchAsync(string address, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var answer = await _http.SendAsync(request, stop);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new FormatException($"its address answered {(int)answer.StatusCode}");
            if (answer.Content.Headers.ContentType?.MediaType is not { } type
                || !(type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal)))
                throw new FormatException("its address answered something else than JSON");
            return new FetchedDocument(
                await answer.Content.ReadAsByteArrayAsync(stop), answer.Headers.CacheControl?.MaxAge);
        }
        catch (HttpRequestException fault)
        {
            throw new FormatException($"its address could not be asked ({fault.HttpRequestError})", fault);
        }
        catch (OperationCanceledException fault) when (!stop.IsCancellationRequested)
        {
            throw new FormatException("its address did not answer in time", fault);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>For the module.</summary>
    public static DocumentFetcher Of(ModuleStart start) => new(start.IsDevelopment);

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint place, bool isDevelopment, CancellationToken stop)
    {
        // The very addresses that were looked at are connected to: a name cannot resolve otherwise in between.
        var addresses = await Dns.GetHostAddressesAsync(place.Host, stop);
        var wanted = addresses
            .Where(one => PublicAddress.Is(one) || (isDevelopment && IPAddress.IsLoopback(one))).ToArray();
        if (wanted.Length == 0 || wanted.Length != addresses.Length)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "not a public address");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(wanted, place.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A document as it came.</summary>
/// <param name="MaxAge">How long it may be kept; null where its address does not say.</param>
internal sealed record FetchedDocument(byte[] Json, TimeSpan? MaxAge);
