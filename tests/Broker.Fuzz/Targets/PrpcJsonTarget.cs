using Broker.Kms.Prpc;
using Google.Protobuf;

namespace Broker.Fuzz.Targets;

/// <summary>Requests of prpc in JSON: what is accepted and written again is read as the same.</summary>
internal sealed class PrpcJsonTarget : IFuzzTarget
{
    public string Name => "prpc-json";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds() => PrpcRequests.All.Select(PrpcJson.Write);

    public void Execute(byte[] input)
    {
        foreach (var request in PrpcRequests.Empty())
        {
            try
            {
                PrpcJson.Read(input, request);
            }
            catch (PrpcFormatException)
            {
                continue;
            }

            var again = request.Descriptor.Parser.ParseFrom(ByteString.Empty);
            PrpcJson.Read(PrpcJson.Write(request), again);
            if (!again.Equals(request)) throw new FuzzFindingException("reads another message than it wrote");
        }
    }

    public long AllocationBound(int inputLength) => (256 * 1024) + (1024L * inputLength);
}
