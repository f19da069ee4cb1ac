using System.Text;
using Broker.Http;
using Microsoft.AspNetCore.Http;

namespace Broker.Fuzz.Targets;

/// <summary>The Authorization header: what is taken is one token without white space.</summary>
internal sealed class BearerTarget : IFuzzTarget
{
    public string Name => "bearer";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
        ["Bearer abc.def.ghi"u8.ToArray(), "bearer   x"u8.ToArray(), "Basic eDp5"u8.ToArray(), "Bearer"u8.ToArray()];

    public void Execute(byte[] input)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = Encoding.Latin1.GetString(input);
        var bearer = BearerToken.Of(http.Request);
        if (bearer.Refusal is null && bearer.Value.Text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new FuzzFindingException("takes a bearer that is not one printable token");
    }

    public long AllocationBound(int inputLength) => (64 * 1024) + (32L * inputLength);
}
