using System.Text.Json;
using Broker.Cryptography;
using Broker.Foundation;

namespace Broker.Fuzz.Targets;

/// <summary>The strict JSON reader, and the canonical form of what it accepts: a form that does not change again.</summary>
internal sealed class CanonicalJsonTarget : IFuzzTarget
{
    public string Name => "canonical-json";

    public int Weight => 30;

    public IEnumerable<byte[]> Seeds() =>
    [
        """{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0,5e-324]}"""u8.ToArray(),
        """{"1":{"f":{"f":"hi","F":5},"\n":56.0},"10":{},"":"empty","111":[{"e":"yes","E":"no"}]}"""u8.ToArray(),
        """{"\u20ac":"\u000F\u000aA'\u0042\u0022\u005c\\\"\/","\ud83d\ude02":[null,true,false]}"""u8.ToArray(),
        "[1.7976931348623157e308,-9007199254740993,18446744073709551615,1e21,0.000001]"u8.ToArray(),
    ];

    public void Execute(byte[] input)
    {
        JsonDocument document;
        try
        {
            document = StrictJson.Parse(input);
        }
        catch (JsonException)
        {
            return;
        }

        using (document)
        {
            if (!Rfc8785.TryCanonicalize(document.RootElement, out var once, out _)) return;
            using var again = StrictJson.Parse(once);
            if (!Rfc8785.TryCanonicalize(again.RootElement, out var twice, out var fault))
                throw new FuzzFindingException($"cannot read what it wrote: {fault}");
            if (!once.AsSpan().SequenceEqual(twice)) throw new FuzzFindingException("changes what is canonical");
        }
    }

    public long AllocationBound(int inputLength) => (64 * 1024) + (512L * inputLength);
}
