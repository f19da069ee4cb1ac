using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Kms.Prpc;
using Broker.Ledger;
using Google.Protobuf;

namespace Broker.Kms.Onboarding;

/// <summary>
/// One HTTPS connection to a KMS that we know by its evidence and not by a CA: remembers the certificate that the
/// server showed, and lets the caller insist on a key. Bounded in time and size; follows no redirects and uses no
/// proxy.
/// </summary>
internal sealed class SourceConnection : IDisposable
{
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Certificates and keys take some 20 KiB; nobody needs to read more from a stranger.</summary>
    public const int MaxAnswerBytes = 1024 * 1024;

    private readonly HttpClient _http;
    private readonly byte[]? _expectedKey;

    /// <summary>Prepares a connection; nothing is sent yet.</summary>
    /// <param name="timeout">For each call, answer included.</param>
    /// <param name="expectedKey">
    /// The server's SubjectPublicKeyInfo; null accepts any, for its evidence to judge.
    /// </param>
    /// <param name="clientCertificate">Shown to the server, with its key; null shows none.</param>
    public SourceConnection(TimeSpan timeout, byte[]? expectedKey = null, X509Certificate2? clientCertificate = null)
    {
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

    /// <summary>The certificate that the server showed; null before a handshake and over plain HTTP.</summary>
    public X509Certificate2? ServerCertificate { get; private set; }

    /// <summary>
    /// Posts to <c>&lt;base&gt;/&lt;method&gt;?json</c> and gives status and body, whatever the status is.
    /// </summary>
    public async Task<Verdict<SourceAnswer>> PostAsync(
        string baseUrl, string method, IMessage request, CancellationToken stop)
    {
        using var content = new ByteArrayContent(PrpcJson.Write(request));
        content.Headers.ContentType = new("application/json");
        try
        {
            using var response = await _http.PostAsync($"{baseUrl}/{method}?json", content, stop);
            var body = await response.Content.ReadAsByteArrayAsync(stop);
            var status = $"{(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
            return new SourceAnswer(status, response.IsSuccessStatusCode, body);
        }
        catch (HttpRequestException failed)
        {
            var cause = failed.InnerException is { } inner ? $" ({inner.Message})" : "";
            return Unreachable(baseUrl, failed.Message + cause);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Unreachable(baseUrl, $"no answer within {_http.Timeout.TotalSeconds:0.#} s");
        }
    }

    public void Dispose()
    {
        ServerCertificate?.Dispose();
        _http.Dispose();
    }

    private static Refusal Unreachable(string baseUrl, string why) =>
        new($"error sending request for url ({baseUrl}): {why}", LedgerOutcome.BackendError);

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
}

/// <summary>What a source answered.</summary>
/// <param name="Status">Such as <c>400 Bad Request</c>.</param>
/// <param name="Succeeded">Whether the status is 2xx.</param>
/// <param name="Body">The body, at most <see cref="SourceConnection.MaxAnswerBytes"/>.</param>
internal sealed record SourceAnswer(string Status, bool Succeeded, byte[] Body)
{
    private const int QuotedBytes = 2048;

    /// <summary>Reads a success as a message; a failure is a refusal that quotes the source's own words.</summary>
    public Verdict<T> Read<T>()
        where T : class, IMessage, new()
    {
        if (!Succeeded)
        {
            var quoted = Encoding.UTF8.GetString(Body, 0, Math.Min(Body.Length, QuotedBytes));
            return new Refusal($"Request failed with status={Status}, error={quoted}", LedgerOutcome.Denied);
        }

        try
        {
            var message = new T();
            PrpcJson.Read(Body, message);
            return message;
        }
        catch (PrpcFormatException malformed)
        {
            var text = $"failed to decode the source's answer: {malformed.Message}";
            return new Refusal(text, LedgerOutcome.BackendError);
        }
    }
}
