using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;
using Broker.Foundation;

namespace Broker.Attestation.GuestAgent;

/// <summary>
/// Asks the dstack guest agent, the one peer that can make quotes for this machine (kms-protocol §1.7). Answers are
/// bounded in size and time. An agent that cannot be reached, refuses, or answers something else is a refusal with its
/// reason.
/// </summary>
public sealed class GuestAgentClient : IDisposable
{
    /// <summary>Room for the largest envelope in hex.</summary>
    private const int MaxAnswer = (2 * VersionedAttestation.MaxLength) + (64 * 1024);

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private readonly GuestAgentAddress _address;
    private readonly HttpClient _http;

    public GuestAgentClient(GuestAgentAddress address, TimeSpan? timeout = null)
    {
        _address = address;
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        if (address.SocketPath is not null) handler.ConnectCallback = (_, stop) => ConnectAsync(stop);
        _http = new HttpClient(handler)
        {
            BaseAddress = address.BaseAddress,
            Timeout = timeout ?? DefaultTimeout,
            MaxResponseContentBufferSize = MaxAnswer,
        };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>An attestation of this machine over that report data, as the agent wrote it.</summary>
    /// <param name="reportData">Up to 64 bytes; the agent fills up with zeros.</param>
    public async Task<Decoded<byte[]>> AttestAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop)
    {
        var answer = await AskAsync("Attest", reportData, GuestAgentJson.Default.AttestAnswer, stop);
        return answer.Succeeded ? answer.Value.Attestation.ToArray() : answer.RefusedAs<byte[]>();
    }

    /// <summary>A raw quote of this machine over that report data, with its event log.</summary>
    public Task<Decoded<GuestQuote>> GetQuoteAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop)
        => AskAsync("GetQuote", reportData, GuestAgentJson.Default.GuestQuote, stop);

    /// <summary>What the agent says of this machine.</summary>
    public Task<Decoded<GuestDescription>> InfoAsync(CancellationToken stop)
        => PostAsync("Info", "{}"u8.ToArray(), GuestAgentJson.Default.GuestDescription, stop);

    private Task<Decoded<T>> AskAsync<T>(
        string method, ReadOnlyMemory<byte> reportData, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reportData.Length, VersionedAttestation.ReportDataLength);
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ReportDataRequest(reportData), GuestAgentJson.Default.ReportDataRequest);
        return PostAsync(method, body, type, stop);
    }

    private async Task<Decoded<T>> PostAsync<T>(
        string method, byte[] body, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        try
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            using var response = await _http.PostAsync($"{method}?json", content, stop);
            if (!response.IsSuccessStatusCode)
            {
                return Decoded<T>.Refused($"Invalid status code: {(int)response.StatusCode}, path=/{method}");
            }

            return StrictJson.Deserialize(await response.Content.ReadAsByteArrayAsync(stop), type);
        }
        catch (HttpRequestException fault)
        {
            return Decoded<T>.Refused(NoAnswer(fault));
        }
        catch (JsonException fault)
        {
            return Decoded<T>.Refused($"guest agent answered {method} with something else: {StrictJson.Reason(fault)}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Decoded<T>.Refused(
                $"guest agent did not answer {method} within {_http.Timeout.TotalSeconds:0.###} s");
        }
    }

    private string NoAnswer(HttpRequestException fault)
    {
        var why = _address.SocketPath is { } path && !File.Exists(path)
            ? $"no guest agent socket at {path}"
            : HttpFault.Describe(fault);
        return $"guest agent at {_address}: {why}";
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_address.SocketPath!), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
