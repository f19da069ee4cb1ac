using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Kms;

/// <summary>prpc in JSON to one KMS. A refusal ends the command with the KMS's own words.</summary>
internal sealed class KmsConnection : IDisposable
{
    private const int MaxAnswerBytes = 1024 * 1024;

    private readonly HttpClient _http;
    private readonly Func<X509Certificate2?> _seen;
    private string? _version;

    private KmsConnection(Func<X509Certificate2?> seen, HttpClient http)
    {
        _seen = seen;
        _http = http;
    }

    /// <summary>What the server showed; null over plain HTTP and before the first call.</summary>
    public X509Certificate2? ServerCertificate => _seen();

    public Uri Address => _http.BaseAddress!;

    /// <param name="url">With or without a trailing <c>/prpc</c>.</param>
    /// <param name="caFile">Root CA that the server must be under; null accepts any server.</param>
    /// <exception cref="CommandFailedException">The address or the certificate cannot be used.</exception>
    public static KmsConnection To(string url, string? caFile)
    {
        var trimmed = url.TrimEnd('/');
        if (trimmed.EndsWith("/prpc", StringComparison.Ordinal)) trimmed = trimmed[..^5];
        if (!Uri.TryCreate(trimmed + "/", UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http"))
            throw new CommandFailedException($"--url: {url} is not an http(s) address", ExitCode.Misuse);

        if (caFile is not null && address.Scheme != "https")
        {
            throw new CommandFailedException(
                $"--ca: {url} is not an https address, so no server shows a certificate", ExitCode.Misuse);
        }

        var root = caFile is null ? null : ReadCertificate(caFile);
        X509Certificate2? seen = null;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                {
                    if (!Accepts(root, shown, errors)) return false;
                    seen ??= X509CertificateLoader.LoadCertificate(shown!.GetRawCertData());
                    return true;
                },
            },
        };
        return new KmsConnection(() => seen, new HttpClient(handler)
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(90),
            MaxResponseContentBufferSize = MaxAnswerBytes,
        });
    }

    /// <summary>The answer's object; empty for an answer that says nothing.</summary>
    /// <exception cref="CommandFailedException">The KMS refused, or did not answer.</exception>
    public async Task<JsonObject> CallAsync(string method, JsonObject request, CancellationToken stop)
    {
        var (succeeded, text) = await SendAsync(HttpMethod.Post, $"prpc/{method}?json", request.ToJsonString(), stop);
        var answer = Parse(text);
        if (succeeded && (answer is not null || text is "" or "null")) return answer ?? [];
        throw new CommandFailedException(
            answer?["error"]?.ToString() ?? NoAnswerOfAKms(text));
    }

    /// <summary>The answer, or null where the KMS does not know the method: it is in the other phase.</summary>
    public async Task<JsonObject?> TryCallAsync(string method, CancellationToken stop)
    {
        try
        {
            return await CallAsync(method, [], stop);
        }
        catch (CommandFailedException unknown)
            when (unknown.Message.StartsWith("Service not found", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>The JSON object behind a path, or null where there is none.</summary>
    /// <exception cref="CommandFailedException">The KMS did not answer, or with something else.</exception>
    public async Task<JsonObject?> TryGetObjectAsync(string path, CancellationToken stop)
    {
        var (succeeded, text) = await SendAsync(HttpMethod.Get, path, null, stop);
        return succeeded ? Parse(text) ?? throw new CommandFailedException(NoAnswerOfAKms(text)) : null;
    }

    /// <summary>What the KMS says of its version, or null.</summary>
    /// <exception cref="CommandFailedException">The KMS did not answer.</exception>
    public async Task<string?> VersionAsync(CancellationToken stop)
    {
        await SendAsync(HttpMethod.Get, "health", null, stop);
        return _version;
    }

    /// <summary>The text behind a path.</summary>
    /// <exception cref="CommandFailedException">The KMS did not answer with success.</exception>
    public async Task<string> GetAsync(string path, CancellationToken stop)
    {
        var (succeeded, text) = await SendAsync(HttpMethod.Get, path, null, stop);
        return succeeded ? text : throw new CommandFailedException($"{Address}{path}: {text}");
    }

    public void Dispose()
    {
        _seen()?.Dispose();
        _http.Dispose();
    }

    private async Task<(bool Succeeded, string Text)> SendAsync(
        HttpMethod method, string path, string? body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using var response = await _http.SendAsync(request, stop);
            _version = response.Headers.TryGetValues("X-App-Version", out var versions) ? versions.First() : null;

            // JSON is UTF-8 (RFC 8259 §8.1), whatever charset the header names.
            var answer = await response.Content.ReadAsByteArrayAsync(stop);
            return Utf8.IsValid(answer)
                ? (response.IsSuccessStatusCode, Encoding.UTF8.GetString(answer))
                : throw new CommandFailedException($"{Address}: an answer that is not a KMS's: not UTF-8");
        }
        catch (HttpRequestException failed)
        {
            throw new CommandFailedException($"{Address} does not answer: {failed.Message}", cause: failed);
        }
        catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
        {
            throw new CommandFailedException(
                $"{Address} gives no answer in {_http.Timeout.TotalSeconds} s", cause: late);
        }
    }

    private string NoAnswerOfAKms(string text) =>
        $"{Address}: an answer that is not a KMS's: {ForeignText.Excerpt(text)}";

    /// <summary>Null for what is not a JSON object or says a name twice.</summary>
    private static JsonObject? Parse(string text)
    {
        try
        {
            if (text.Length == 0) return null;
            using var document = StrictJson.Parse(Encoding.UTF8.GetBytes(text));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? JsonObject.Create(document.RootElement.Clone())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static X509Certificate2 ReadCertificate(string file)
    {
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(file));
        }
        catch (Exception fault) when (fault is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"--ca: {file}: {fault.Message}", ExitCode.Misuse, fault);
        }
    }

    private static bool Accepts(X509Certificate2? root, X509Certificate? shown, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate) return false;
        if (root is null) return true;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
