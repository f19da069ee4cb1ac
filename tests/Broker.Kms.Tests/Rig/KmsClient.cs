using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Evidence;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;

namespace Broker.Kms.Tests.Rig;

/// <summary>Talks to a KMS as dstack's clients do: <c>POST …?json</c> over TLS, with or without evidence.</summary>
internal sealed class KmsClient : IDisposable
{
    private readonly HttpClient _http;

    private KmsClient(Uri address, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    ServerCertificate = X509CertificateLoader.LoadCertificate(shown!.GetRawCertData());
                    return shown.Issuer.Length > 0;
                },
                ClientCertificateContext = certificate is null
                    ? null
                    : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
        };
        _http = new HttpClient(handler) { BaseAddress = address };
    }

    public X509Certificate2? ServerCertificate { get; private set; }

    /// <summary>Without a client certificate.</summary>
    public static KmsClient Plain(Uri address) => new(address, null);

    /// <summary>With a client certificate of one's own making.</summary>
    public static KmsClient With(Uri address, X509Certificate2 certificate) => new(address, certificate);

    /// <summary>As a guest does at boot: temp CA first, then a certificate with evidence bound to its key.</summary>
    public static async Task<KmsClient> AttestedAsync(
        Uri address, Guest guest, Func<P256PrivateKey, byte[]>? evidence = null)
    {
        using var first = Plain(address);
        var (status, answer) = await first.PostAsync("GetTempCaCert", "{}");
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        var tempCa = P256PrivateKey.FromPem(answer.GetProperty("temp_ca_key").GetString()!);
        var key = P256PrivateKey.Generate();
        var honest = guest.Attest(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo));
        var attestation = evidence?.Invoke(key) ?? honest.StrippedForCertificate().Encode();
        var pem = KmsCertificates.RaTlsClient(key, attestation, tempCa, DateTimeOffset.UtcNow);
        return With(address, Tls.ServerCertificate.From(pem, key));
    }

    /// <summary>Posts JSON as the reference's client does: no content type, <c>?json</c>.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(string method, string request)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(request));
        using var response = await _http.PostAsync($"/prpc/{method}?json", content);
        var text = await response.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        return (response.StatusCode, json.RootElement.Clone());
    }

    /// <summary>Posts and gives the error's text; fails the test when there is none.</summary>
    public async Task<string> RefusalAsync(string method, string request)
    {
        var (status, answer) = await PostAsync(method, request);
        status.ShouldBe(HttpStatusCode.BadRequest, answer.ToString());
        answer.EnumerateObject().Select(property => property.Name).ShouldBe(["error"]);
        return answer.GetProperty("error").GetString()!;
    }

    /// <summary>Posts and gives the answer; fails the test with the error's text.</summary>
    public async Task<JsonElement> AnswerAsync(string method, string request)
    {
        var (status, answer) = await PostAsync(method, request);
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        return answer;
    }

    /// <summary>Any request at all.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, byte[]? body = null, string? contentType = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new ByteArrayContent(body);
        if (contentType is not null) request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return await _http.SendAsync(request);
    }

    public void Dispose()
    {
        ServerCertificate?.Dispose();
        _http.Dispose();
    }
}
