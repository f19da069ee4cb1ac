using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Protocol;

/// <summary>An answer of OpenIddict as JSON, escaped as everything that we write.</summary>
internal static class ResponseBytes
{
    public static byte[] Of(OpenIddictResponse response)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes, StrictJson.WriterOptions)) response.WriteTo(json);
        return bytes.WrittenSpan.ToArray();
    }
}
