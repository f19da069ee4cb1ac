using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Broker.Cli.Tests.Doctor;

/// <summary>Answers whatever is asked with a discovery document and a Date that is so far from now.</summary>
internal sealed class SkewedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TimeSpan _skew;

    public SkewedServer(TimeSpan skew)
    {
        _skew = skew;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _ = ServeAsync();
    }

    public Uri Address { get; }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                    // The request's head.
                }

                var body = $$"""{"issuer":"{{Address.GetLeftPart(UriPartial.Authority)}}","jwks_uri":"{{Address}}keys"}""";
                var date = (DateTimeOffset.UtcNow + _skew).ToString("R", CultureInfo.InvariantCulture);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\n"
                    + $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
            }
        }
        catch (Exception ended) when (ended is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
