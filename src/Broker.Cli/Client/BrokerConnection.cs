using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Client;

/// <summary>
/// HTTP to one broker. A refusal ends the command with the broker's message, code and next step. Answers are bounded;
/// redirects are not followed, for a bearer must not go elsewhere.
/// </summary>
internal sealed class BrokerConnection : IDisposable
{
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    private readonly HttpClient _http;

    private BrokerConnection(HttpClient http) => _http = http;

    public Uri Address => _http.BaseAddress!;

    public static BrokerConnection To(Uri address)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(90), // a broker may take a minute to hand a mail over
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        var version = Assembly.GetExecutingAssembly().GetName().Version;
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("brokerctl", $"{version?.ToString(3)}"));
        return new BrokerConnection(http);
    }

    /// <param name="bearer">Null where the route needs none.</param>
    /// <exception cref="BrokerRefusedException">The broker refused.</exception>
    /// <exception cref="CommandFailedException">It does not answer, or what answers is no broker.</exception>
    public async Task<T> GetAsync<T>(string path, string? bearer, JsonTypeInfo<T> type, CancellationToken stop)
        where T : notnull => Read(path, await SendAsync(HttpMethod.Get, path, bearer, null, stop), type);

    /// <summary>An answer byte for byte, of a route that is for anyone.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<byte[]> GetBytesAsync(string path, CancellationToken stop) =>
        SendAsync(HttpMethod.Get, path, null, null, stop);

    /// <inheritdoc cref="GetAsync"/>
    public async Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, string? bearer, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> type,
        CancellationToken stop)
        where TAnswer : notnull
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Read(path, await SendAsync(HttpMethod.Post, path, bearer, content, stop), type);
    }

    /// <summary>
    /// A form of OAuth; its refusals are <see cref="BrokerRefusedException"/> with OAuth's error as kind.
    /// </summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<T> PostFormAsync<T>(
        string path, IEnumerable<KeyValuePair<string, string>> form, JsonTypeInfo<T> type, CancellationToken stop)
        where T : notnull
    {
        using var content = new FormUrlEncodedContent(form);
        return Read(path, await SendAsync(HttpMethod.Post, path, null, content, stop), type);
    }

    /// <summary>A request without a body whose answer says nothing.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task PostAsync(string path, string? bearer, CancellationToken stop) =>
        SendAsync(HttpMethod.Post, path, bearer, null, stop);

    /// <summary>
    /// The path of an address that the broker named: it is called where this broker was called, whatever the issuer's
    /// own name is. A document cannot send a code elsewhere.
    /// </summary>
    public string PathOf(Uri named)
    {
        var path = named.AbsolutePath.TrimStart('/');
        var own = Address.AbsolutePath.TrimStart('/');
        return path.StartsWith(own, StringComparison.Ordinal) ? path[own.Length..] : path;
    }

    public void Dispose() => _http.Dispose();

    /// <returns>The body of an answer that is no refusal.</returns>
    private async Task<byte[]> SendAsync(
        HttpMethod method, string path, string? bearer, HttpContent? content, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path.TrimStart('/')) { Content = content };
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        try
        {
            using var response = await _http.SendAsync(request, stop);
            var body = await response.Content.ReadAsByteArrayAsync(stop);
            if (response.IsSuccessStatusCode) return body;
            throw BrokerRefusedException.Of((int)response.StatusCode, body) ?? NoBroker(
                path, $"status {(int)response.StatusCode}: {ForeignText.Excerpt(Encoding.UTF8.GetString(body), 200)}");
        }
        catch (HttpRequestException failed)
        {
            throw new CommandFailedException(
                $"{Address} does not answer: {HttpFault.Describe(failed)}"
                + (failed.InnerException is { Message: var why } ? $" ({why})" : ""), cause: failed);
        }
        catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
        {
            throw new CommandFailedException(
                $"{Address} gives no answer in {_http.Timeout.TotalSeconds} s", cause: late);
        }
    }

    private T Read<T>(string path, byte[] body, JsonTypeInfo<T> type)
        where T : notnull
    {
        try
        {
            return StrictJson.Deserialize(body, type);
        }
        catch (JsonException wrong)
        {
            throw NoBroker(path, StrictJson.Reason(wrong));
        }
    }

    private CommandFailedException NoBroker(string path, string why) =>
        new($"{new Uri(Address, path.TrimStart('/'))}: an answer that is not a broker's: {why}");
}
