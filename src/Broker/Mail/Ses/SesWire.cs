using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Broker.Foundation;

namespace Broker.Mail.Ses;

/// <summary>Writes a call as an HTTP request; the pipeline adds the address and the signature.</summary>
internal sealed class SesMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public const string ServiceName = "AmazonSimpleEmailServiceV2";

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var call = (SesCall)input;
        var request = new DefaultRequest(call, ServiceName)
        {
            HttpMethod = call.Method.Method,
            ResourcePath = call.Path,
        };
        if (call.Identity is { } identity) request.AddPathResource(SesCall.IdentityVariable, identity);
        if (call.Body.Length == 0) return request;
        request.Content = call.Body;
        request.Headers["Content-Type"] = "application/json";
        return request;
    }
}

/// <summary>Reads an answer: its bytes where it is one, and the code where it is an error.</summary>
internal sealed class SesUnmarshaller : JsonResponseUnmarshaller
{
    private const int LongestAnswer = 64 * 1024;

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input) =>
        new SesAnswer { Body = ReadBounded(input.Stream) };

    public override AmazonServiceException UnmarshallException(
        JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        // The header's code may have an address behind a colon (AWS restJson1, "Operation error serialization").
        var header = input.ResponseData.GetHeaderValue("x-amzn-ErrorType");
        var (code, message) = ReadError(ReadBounded(input.Stream));
        code = (header is { Length: > 0 } ? header : code)?.Split(':')[0].Split('#')[^1];
        return new AmazonServiceException(
            message ?? "", innerException, ErrorType.Unknown, code ?? "",
            input.ResponseData.GetHeaderValue("x-amzn-RequestId") ?? "", statusCode);
    }

    private static (string? Code, string? Message) ReadError(byte[] body)
    {
        try
        {
            using var document = StrictJson.Parse(body);
            return (Text(document.RootElement, "__type") ?? Text(document.RootElement, "code"),
                Text(document.RootElement, "message") ?? Text(document.RootElement, "Message"));
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static byte[] ReadBounded(Stream stream)
    {
        var body = new byte[LongestAnswer];
        return body[..stream.ReadAtLeast(body, LongestAnswer, throwOnEndOfStream: false)];
    }
}
