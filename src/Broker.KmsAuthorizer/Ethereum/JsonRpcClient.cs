using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Broker.Foundation;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>
/// Calls methods of an Ethereum node by JSON-RPC 2.0 over HTTP. Redirects are not followed, answers are bounded, and
/// each must carry the request's id.
/// </summary>
internal sealed class JsonRpcClient(HttpClient http, Uri node)
{
    /// <summary>
    /// A full block names its transactions by hash, 69 bytes each; four mebibytes are sixty thousand of them.
    /// </summary>
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private int _lastId;

    /// <summary>The call's <c>result</c>, never null.</summary>
    /// <exception cref="EthereumUnavailableException">No such answer, whatever the cause.</exception>
    public async Task<JsonElement> CallAsync(string method, CancellationToken stop, params object[] parameters)
    {
        var id = Interlocked.Increment(ref _lastId);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, node)
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(
                    new { jsonrpc = "2.0", id, method, @params = parameters })),
            };
            request.Content.Headers.ContentType = Json;
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                throw new EthereumUnavailableException($"{method}: the node answered {(int)response.StatusCode}")
                {
                    IsPassing = response.StatusCode >= HttpStatusCode.InternalServerError,
                };
            }

            await using var body = await response.Content.ReadAsStreamAsync(stop);
            using var answer = StrictJson.Parse(await ReadBoundedAsync(method, body, stop));
            return Result(method, id, answer.RootElement);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or JsonException
            or InvalidOperationException)
        {
            throw new EthereumUnavailableException($"{method}: {Reason(failed)}", failed) { IsPassing = true };
        }
        catch (OperationCanceledException late)
        {
            throw new EthereumUnavailableException($"{method}: no answer in time", late) { IsPassing = true };
        }
    }

    /// <summary>A quantity: <c>0x</c> and hex digits without leading zeros (Ethereum JSON-RPC, "Quantities").</summary>
    public static ulong Quantity(string method, JsonElement value)
    {
        // Leading zeros are forgiven. Zero characters behind the digits, which the framework forgives, are not.
        var digits = Digits(method, value);
        return digits.All(char.IsAsciiHexDigit)
            && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new EthereumUnavailableException($"{method}: a quantity was expected");
    }

    /// <summary>Unformatted data: <c>0x</c> and two hex digits per byte.</summary>
    public static byte[] Data(string method, JsonElement value)
    {
        try
        {
            return Convert.FromHexString(Digits(method, value));
        }
        catch (FormatException)
        {
            throw new EthereumUnavailableException($"{method}: bytes were expected");
        }
    }

    private static string Digits(string method, JsonElement value)
    {
        try
        {
            if (value.ValueKind is JsonValueKind.String
                && value.GetString() is { } text && text.StartsWith("0x", StringComparison.Ordinal))
                return text[2..];
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text, so no hex either.
        }

        throw new EthereumUnavailableException($"{method}: hex was expected");
    }

    private static JsonElement Result(string method, int id, JsonElement answer)
    {
        if (answer.ValueKind is not JsonValueKind.Object
            || !answer.TryGetProperty("id", out var answered)
            || answered.ValueKind is not JsonValueKind.Number
            || !answered.TryGetInt32(out var number)
            || number != id)
            throw new EthereumUnavailableException($"{method}: the answer is to another question");

        if (answer.TryGetProperty("error", out var error) && error.ValueKind is not JsonValueKind.Null)
        {
            throw new EthereumUnavailableException($"{method}: the node answered an error{CodeOf(error)}")
            {
                Said = ForeignText.Excerpt(error.GetRawText()),
            };
        }

        return answer.TryGetProperty("result", out var result) && result.ValueKind is not JsonValueKind.Null
            ? result.Clone()
            : throw new EthereumUnavailableException($"{method}: the node knows no result");
    }

    /// <summary>The number of an error (JSON-RPC 2.0 §5.1). Its text and data stay with the node.</summary>
    private static string CodeOf(JsonElement error) =>
        error.ValueKind is JsonValueKind.Object && error.TryGetProperty("code", out var code)
            && code.ValueKind is JsonValueKind.Number && code.TryGetInt32(out var number)
            ? $" ({number.ToString(CultureInfo.InvariantCulture)})"
            : "";

    /// <summary>A reason of ours: messages of the framework quote addresses and answers.</summary>
    private static string Reason(Exception failed) => failed switch
    {
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http =>
            $"the node cannot be reached ({http.HttpRequestError})",
        JsonException => "the answer is not well-formed JSON, or has a member twice",
        _ => "the connection failed",
    };

    private static async Task<ReadOnlyMemory<byte>> ReadBoundedAsync(string method, Stream body, CancellationToken stop)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        for (int read; (read = await body.ReadAsync(chunk, stop)) > 0;)
        {
            if (buffer.Length + read > MaxAnswerBytes)
                throw new EthereumUnavailableException($"{method}: the answer is larger than {MaxAnswerBytes} bytes");
            await buffer.WriteAsync(chunk.AsMemory(0, read), stop);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
