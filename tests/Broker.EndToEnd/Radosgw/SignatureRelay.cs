using System.Collections.Concurrent;
using System.Net;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// Hands each request on to radosgw byte for byte, the <c>Host</c> that was signed included, and keeps the verdict.
/// </summary>
internal sealed class SignatureRelay : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _radosgw;
    private readonly ConcurrentQueue<(string Request, HttpStatusCode Status, string Body)> _verdicts = new();

    public SignatureRelay(Uri radosgw)
    {
        _radosgw = new HttpClient { BaseAddress = radosgw };
        Address = $"http://127.0.0.1:{LoopbackPort.Free()}/";
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = Task.Run(RunAsync);
    }

    public string Address { get; }

    public IReadOnlyList<(string Request, HttpStatusCode Status, string Body)> Verdicts => [.. _verdicts];

    public void Dispose()
    {
        _listener.Close();
        _radosgw.Dispose();
    }

    private async Task RunAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await RelayAsync(await _listener.GetContextAsync());
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task RelayAsync(HttpListenerContext http)
    {
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.HttpMethod), http.Request.RawUrl);
        using var body = new MemoryStream();
        await http.Request.InputStream.CopyToAsync(body);
        if (body.Length > 0) request.Content = new ByteArrayContent(body.ToArray());
        foreach (var name in http.Request.Headers.AllKeys.OfType<string>())
        {
            if (name is "Content-Length" or "Connection" or "Transfer-Encoding" or "Expect") continue;
            var value = http.Request.Headers[name];
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _radosgw.SendAsync(request);
        _verdicts.Enqueue(($"{request.Method} {http.Request.RawUrl}", answer.StatusCode,
            await answer.Content.ReadAsStringAsync()));
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.Close();
    }
}
