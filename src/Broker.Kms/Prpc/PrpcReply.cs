using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Broker.Foundation.Results;
using Broker.Kms.Prpc.Messages;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Prpc;

/// <summary>What a method answers: a message, or a failure with its HTTP status and text.</summary>
internal sealed record PrpcReply
{
    private PrpcReply(int status, IMessage? message, string? error, string? plain = null)
    {
        Status = status;
        Message = message;
        Error = error;
        Plain = plain;
    }

    public int Status { get; }

    public IMessage? Message { get; }

    public string? Error { get; }

    /// <summary>An answer that is plain text in every encoding.</summary>
    public string? Plain { get; }

    public static PrpcReply Success(IMessage message) => new(StatusCodes.Status200OK, message, null);

    public static PrpcReply Failure(int status, string error) => new(status, null, error);

    public static PrpcReply Text(string text) => new(StatusCodes.Status200OK, null, null, text);

    /// <summary>A request that is not granted, in the words that dstack's tools know (kms-protocol §7.2).</summary>
    public static PrpcReply Refused(Refusal refusal) => Failure(refusal.Code.Status, refusal.Detail);

    public Task WriteAsync(HttpResponse response, PrpcEncoding encoding, CancellationToken stop)
    {
        response.StatusCode = Status;
        if (Status == StatusCodes.Status429TooManyRequests) response.Headers.RetryAfter = "60";
        (response.ContentType, var body) = (Plain, encoding) switch
        {
            ({ } text, _) => ("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text)),
            (_, PrpcEncoding.Json) => ("application/json", ToJson()),
            _ => ("application/octet-stream", ToProtobuf()),
        };
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, stop).AsTask();
    }

    private byte[] ToProtobuf() => (Message ?? new PrpcError { Message = Error }).ToByteArray();

    private byte[] ToJson() => Message is null ? ErrorJson(Error!) : PrpcJson.Write(Message);

    /// <summary>Indented by two spaces, as operators know it from their terminals.</summary>
    private static byte[] ErrorJson(string error)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
