using System.Formats.Cbor;

namespace Broker.Attestation.Codecs;

/// <summary>
/// Reads CBOR maps whose keys stand in one order, as image makers write them. What is not so throws
/// <see cref="FormatException"/> with the reason; nothing has an indefinite length.
/// </summary>
internal static class CborMaps
{
    public static void ExpectMap(CborReader reader, int count)
    {
        if (reader.ReadStartMap() != count) throw new FormatException($"a map without exactly {count} entries");
    }

    public static void ExpectKey(CborReader reader, string key)
    {
        if (ReadText(reader) != key) throw new FormatException($"another key where {key} belongs");
    }

    public static string ReadText(CborReader reader) => reader.PeekState() == CborReaderState.TextString
        ? reader.ReadTextString()
        : throw new FormatException("no text of a definite length where it belongs");
}
