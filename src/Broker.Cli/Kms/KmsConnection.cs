using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.Cli.Kms;

/// <summary>prpc in JSON to one KMS. A refusal ends the command with the KMS's own words.</summary>
internal sealed class KmsConnection : IDisposable
{
    private const int MaxAnswerBytes = 1024 * 1024;

    private readonly HttpClient _http;

    private KmsConnection(HttpClient http) => _http = http;

    public Uri Address => _http.BaseAddress!;

    /// <param name="url">With or without a trailing <c>/prpc</c>.</param>
    /// <param name="caFile">Root CA that the server must be under; null accepts any server.</param>
    /// <exception cref="CommandFailedException">The address or the certificate is none.</exception>
    public static KmsConnection To(string url, string? caFile)
    {
        var trimmed = url.TrimEnd('/');
        if (trimmed.EndsWith("/prpc", StringComparison.Ordinal)) trimmed = trimmed[..^5];
        if (!Uri.TryCreate(trimmed + "/", UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http"))
            throw new CommandFailedException($"--url: {url} is no http(s) address", ExitCode.Misuse);

        var root = caFile is null ? null : ReadCertificate(caFile);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, errors) => Accepts(root, shown, errors),
            },
        };
        return new KmsConnection(new HttpClient(handler)
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
        if (succeeded) return answer ?? [];
        throw new CommandFailedException(
            answer?["error"]?.ToString() ?? $"{Address}: an answer that is no KMS's: {text}");
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

    /// <summary>The text behind a path.</summary>
    /// <exception cref="CommandFailedException">The KMS did not answer with success.</exception>
    public async Task<string> GetAsync(string path, CancellationToken stop)
    {
        var (succeeded, text) = await SendAsync(HttpMethod.Get, path, null, stop);
        return succeeded ? text : throw new CommandFailedException($"{Address}{path}: {text}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<(bool Succeeded, string Text)> SendAsync(
        HttpMethod method, string path, string? body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using var response = await _http.SendAsync(request, stop);
            return (response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(stop));
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

    private static JsonObject? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject;
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
