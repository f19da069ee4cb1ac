using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Attestation.Dstack;
using Broker.Ledger;

namespace Broker.Kms.Machine;

/// <summary>
/// dstack's guest agent: JSON over HTTP, by default on a unix socket. <c>POST /Attest?json</c> with
/// <c>{"report_data":HEX}</c> answers <c>{"attestation":HEX}</c>; <c>POST /Info?json</c> answers an object with
/// <c>vm_config</c>. Bounded in time and size.
/// </summary>
internal sealed class GuestAgentClient : IGuestAgent, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>dstack's places, newest first; the last one is taken when none exists.</summary>
    private static readonly string[] UsualSockets = ["/var/run/dstack/dstack.sock", "/var/run/dstack.sock"];

    private readonly HttpClient _http;
    private readonly string _address;

    /// <param name="address"><c>unix:/path</c> or <c>http://…</c>; empty looks in the usual places on every call.</param>
    public GuestAgentClient(string address)
    {
        _address = address;
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        if (!IsHttp) handler.ConnectCallback = (_, stop) => ConnectAsync(stop);
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(IsHttp ? address.TrimEnd('/') + "/" : "http://localhost/"),
            Timeout = Timeout,

            // An attestation in hex, and what is around it.
            MaxResponseContentBufferSize = (2 * VersionedAttestation.MaxLength) + (64 * 1024),
        };
    }

    private bool IsHttp => _address.StartsWith("http://", StringComparison.Ordinal);

    public async Task<Verdict<byte[]>> AttestAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop)
    {
        var request = new JsonObject { ["report_data"] = Convert.ToHexStringLower(reportData.Span) };
        var answer = await PostAsync("Attest", request, "attestation", stop);
        if (answer.IsRefused) return answer.Refusal;
        try
        {
            return Convert.FromHexString(answer.Value);
        }
        catch (FormatException)
        {
            return Failed("the guest agent's attestation is not hex");
        }
    }

    public Task<Verdict<string>> VmConfigAsync(CancellationToken stop) => PostAsync("Info", [], "vm_config", stop);

    public void Dispose() => _http.Dispose();

    private async Task<Verdict<string>> PostAsync(string method, JsonObject request, string field, CancellationToken stop)
    {
        var path = $"{method}?json";
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _http.PostAsync(path, content, stop);
            if (!response.IsSuccessStatusCode)
                return Failed($"Invalid status code: {(int)response.StatusCode} {response.ReasonPhrase}, path=/{path}");

            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(stop));
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : Failed($"the guest agent's answer has no text {field}, path=/{path}");
        }
        catch (JsonException malformed)
        {
            return Failed($"the guest agent answers no JSON, path=/{path}: {malformed.Message}");
        }
        catch (HttpRequestException failed)
        {
            return Failed($"cannot reach the guest agent at {Where()}: {failed.Message}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Failed($"the guest agent at {Where()} gives no answer within {Timeout.TotalSeconds} s");
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath()), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string SocketPath()
    {
        const string scheme = "unix:";
        if (_address.Length == 0) return UsualSockets.FirstOrDefault(File.Exists) ?? UsualSockets[^1];
        return _address.StartsWith(scheme, StringComparison.Ordinal) ? _address[scheme.Length..] : _address;
    }

    private string Where() => IsHttp ? _address : SocketPath();

    private static Refusal Failed(string text) => new(text, LedgerOutcome.BackendError);
}
