namespace Broker.Http;

/// <summary>Answers 200 with JSON that is written already.</summary>
internal static class JsonBytes
{
    public static IResult Answer(ReadOnlyMemory<byte> json) =>
        TypedResults.Bytes(json, "application/json; charset=utf-8");
}
