using Broker.Kms.Prpc;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Broker.Fuzz.Targets;

/// <summary>Requests of prpc in protobuf, each read as every kind of request that there is.</summary>
internal sealed class PrpcProtobufTarget : IFuzzTarget
{
    private static readonly HttpRequest Post = new DefaultHttpContext().Request;

    public string Name => "prpc-protobuf";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds()
    {
        Post.Method = "POST";
        return PrpcRequests.All.Select(request => request.ToByteArray());
    }

    public void Execute(byte[] input)
    {
        foreach (var request in PrpcRequests.Empty())
        {
            try
            {
                PrpcPayload.Read(Post, input, PrpcEncoding.Protobuf, request);
            }
            catch (PrpcFormatException)
            {
                continue;
            }

            request.Descriptor.Parser.ParseFrom(request.ToByteArray());
            PrpcJson.Write(request);
        }
    }

    public long AllocationBound(int inputLength) => (256 * 1024) + (1024L * inputLength);
}
