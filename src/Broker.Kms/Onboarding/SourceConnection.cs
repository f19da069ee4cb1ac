using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Prpc;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Onboarding;

/// <summary>
/// One HTTPS connection to a KMS that we know by its evidence and not by a CA: remembers the certificate that the
/// server showed, and lets the caller insist on a key. Bounded in time and size; follows no redirects and uses no
/// proxy.
/// </summary>
internal sealed partial class SourceConnection : IDisposable
{
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Certificates and keys take some 20 KiB; nobody needs to read more from a stranger.</summary>
    public const int MaxAnswerBytes = 1024 * 1024;

    private readonly HttpClient _http;
    private readonly ILogger _log;
    private readonly byte[]? _expectedKey;

    /// <summary>Prepares a connection; nothing is sent yet.</summary>
    /// <param name="timeout">For each call, answer included.</param>
    /// <param name="log">For what went wrong on the wire and what a source said, at debug level.</param>
    /// <param name="expectedKey">
    /// The server's SubjectPublicKeyInfo; null accepts any, for its evidence to judge.
    /// </param>
    /// <param name="clientCertificate">Shown to the server, with its key; null shows none.</param>
    public SourceConnection(
        TimeSpan timeout, ILogger log, byte[]? expectedKey = null, X509Certificate2? clientCertificate = null)
    {
        _log = log;
        _expectedKey = expectedKey;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            MaxResponseHeadersLength = 64,
            SslOptions =
            {
                RemoteCertificateValidationCallback = Remember,
                ClientCertificateContext = clientCertificate is null
                    ? null
                    : SslStreamCertificateContext.Create(clientCertificate, null, offline: true),
            },
        };
        _http = new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    /// <summary>The certificate that the server showed; null before a handshake.</summary>
    public X509Certificate2? ServerCertificate { get; private set; }

    /// <summary>
    /// Posts to <c>&lt;base&gt;/&lt;method&gt;?json</c> and gives status and body, whatever the status is.
    /// </summary>
    public async Task<Result<SourceAnswer>> PostAsync(
        string baseUrl, string method, IMessage request, CancellationToken stop)
    {
        using var content = new ByteArrayContent(PrpcJson.Write(request));
        content.Headers.ContentType = new("application/json");
        try
        {
            using var response = await _http.PostAsync($"{baseUrl}/{method}?json", content, stop);
            var body = await response.Content.ReadAsByteArrayAsync(stop);
            var status = HttpStatusText.Of(response.StatusCode);
            var answer = new SourceAnswer(status, response.IsSuccessStatusCode, body);
            if (_log.IsEnabled(LogLevel.Debug)) LogAnswer(_log, method, status, answer.Excerpt());
            return answer;
        }
        catch (HttpRequestException failed)
        {
            LogUnreachable(_log, method, HttpFault.Describe(failed), failed);
            return NoAnswer(baseUrl);
        }
        catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
        {
            LogUnreachable(_log, method, $"no answer within {_http.Timeout.TotalSeconds:0.#} s", late);
            return NoAnswer(baseUrl);
        }
    }

    public void Dispose()
    {
        ServerCertificate?.Dispose();
        _http.Dispose();
    }

    /// <summary>
    /// One text for every way to give no answer. Whoever may call <c>Onboard</c> needs no log-in, and must not learn
    /// from us which ports of our network are open.
    /// </summary>
    private static Refusal NoAnswer(string baseUrl) => new(
        OnboardingRefusals.SourceUnavailable,
        $"error sending request for url ({ForeignText.Address(baseUrl)}): no usable answer of a KMS");

    private bool Remember(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown) return _expectedKey is null;
        if (_expectedKey is not null
            && !shown.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(_expectedKey))
        {
            return false;
        }

        ServerCertificate ??= X509CertificateLoader.LoadCertificate(shown.RawData);
        return true;
    }

    [LoggerMessage(LogLevel.Debug, "The source answered {Method} with {Status}: {Body}")]
    private static partial void LogAnswer(ILogger log, string method, string status, string body);

    [LoggerMessage(LogLevel.Debug, "The source did not answer {Method}: {Why}")]
    private static partial void LogUnreachable(ILogger log, string method, string why, Exception cause);
}
