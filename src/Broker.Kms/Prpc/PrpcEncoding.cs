using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Broker.Kms.Prpc;

/// <summary>The encoding of one call: request and answer always use the same.</summary>
internal enum PrpcEncoding
{
    Protobuf,
    Json,
}

/// <summary>Chooses the encoding (kms-protocol §1.3) and reads a request in it.</summary>
internal static class PrpcPayload
{
    private const byte OpeningBrace = (byte)'{';
    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n"u8);

    /// <summary>
    /// JSON for GET, for <c>?json</c>, for the content type <c>application/json</c>, and for a body that begins with
    /// <c>{</c>: curl's default content type with a JSON body is what the documents show, and no protobuf encoding of
    /// these messages can begin with that byte (field 15, start of a group of old).
    /// </summary>
    public static PrpcEncoding EncodingOf(HttpRequest request, ReadOnlySpan<byte> body) =>
        HttpMethods.IsGet(request.Method) || PrpcQuery.AsksForJson(request.Query) || HasJsonContentType(request)
            || BeginsWithBrace(body)
            ? PrpcEncoding.Json
            : PrpcEncoding.Protobuf;

    /// <exception cref="PrpcFormatException">The payload is not an encoding of the message.</exception>
    public static void Read(HttpRequest request, ReadOnlyMemory<byte> body, PrpcEncoding encoding, IMessage message)
    {
        if (message.Descriptor.Fields.InDeclarationOrder().Count == 0) return;
        if (HttpMethods.IsGet(request.Method)) PrpcQuery.Read(request.Query, message);
        else if (encoding == PrpcEncoding.Json) PrpcJson.Read(body, message);
        else ReadProtobuf(body, message);
    }

    private static void ReadProtobuf(ReadOnlyMemory<byte> body, IMessage message)
    {
        try
        {
            message.MergeFrom(body.Span);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new PrpcFormatException($"malformed protobuf: {malformed.Message}");
        }
    }

    private static bool HasJsonContentType(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    private static bool BeginsWithBrace(ReadOnlySpan<byte> body)
    {
        var first = body.IndexOfAnyExcept(Whitespace);
        return first >= 0 && body[first] == OpeningBrace;
    }
}
