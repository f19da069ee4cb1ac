using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Cli.Doctor;

/// <summary>
/// Fetches as AWS does: no credentials, no redirects, a bounded body. A certificate that does not hold is noted in
/// <see cref="Seen"/> and does not end the examination; nothing secret is ever sent here.
/// </summary>
internal sealed class AwsLikeClient : IDisposable
{
    private const int MaxBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;

#pragma warning disable CA5359 // Each certificate is judged and noted; a diagnosis goes on with what it finds.
    public AwsLikeClient() => _http = new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        SslOptions = Judging(Note, SslProtocols.None),
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxBytes,
    };
#pragma warning restore CA5359

    /// <summary>Of the newest TLS connection; null before the first.</summary>
    public SeenCertificates? Seen { get; private set; }

    /// <exception cref="HttpRequestException">There is no answer.</exception>
    public async Task<Fetched> GetAsync(Uri address, CancellationToken stop)
    {
        var before = DateTimeOffset.UtcNow;
        using var response = await _http.GetAsync(address, stop);
        var body = await response.Content.ReadAsByteArrayAsync(stop);

        // The server wrote its time somewhere between the two; half of the round trip is nobody's skew.
        var middle = before + ((DateTimeOffset.UtcNow - before) / 2);
        return new Fetched(
            address, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType,
            response.Headers.CacheControl, response.Headers.Location, response.Headers.Date - middle, body);
    }

    /// <summary>Whether the server also speaks TLS 1.2, which IAM was seen to need.</summary>
    public static async Task<bool> SpeaksTls12Async(Uri address, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(address.IdnHost, address.Port, limit.Token);
            await using var tls = new SslStream(socket.GetStream());
#pragma warning disable CA5359, CA5398 // The question is whether the server has TLS 1.2; nothing is sent over it.
            var options = Judging((_, _, _, _) => true, SslProtocols.Tls12);
#pragma warning restore CA5359, CA5398
            options.TargetHost = address.IdnHost;
            await tls.AuthenticateAsClientAsync(options, limit.Token);
            return true;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException or SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private static SslClientAuthenticationOptions Judging(
        RemoteCertificateValidationCallback judge, SslProtocols protocols) => new()
        {
            EnabledSslProtocols = protocols,
            RemoteCertificateValidationCallback = judge,
            CertificateChainPolicy = new X509ChainPolicy
            {
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true, // an intermediate that the server forgot is a finding
            },
        };

    private bool Note(object sender, X509Certificate? leaf, X509Chain? chain, SslPolicyErrors errors)
    {
        if (leaf is not null)
        {
            using var copy = X509CertificateLoader.LoadCertificate(leaf.GetRawCertData());
            Seen = SeenCertificates.Of(copy, chain, errors);
        }

        return true;
    }
}
