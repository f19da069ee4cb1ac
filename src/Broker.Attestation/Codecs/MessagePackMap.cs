namespace Broker.Attestation.Codecs;

/// <summary>
/// Where the values of one map stand, by key, so that a decoder can take them in the order it needs and not in the
/// order they were written. A key that comes twice fails the reader.
/// </summary>
internal readonly struct MessagePackMap
{
    private readonly Dictionary<string, int>? _positions;

    private MessagePackMap(Dictionary<string, int> positions) => _positions = positions;

    /// <summary>Notes the values' positions and leaves the reader behind the map.</summary>
    public static MessagePackMap Read(ref MessagePackReader reader)
    {
        var count = reader.ReadMapHeader();
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var key = reader.ReadString();
            if (!positions.TryAdd(key, reader.Position)) reader.Fail("a key that comes twice");
            reader.Skip();
        }

        return new MessagePackMap(positions);
    }

    /// <summary>Puts the reader on the value of a key that has to be there.</summary>
    public bool Seek(ref MessagePackReader reader, string key)
    {
        if (TrySeek(ref reader, key)) return true;
        reader.Fail($"no {key}");
        return false;
    }

    public bool TrySeek(ref MessagePackReader reader, string key)
    {
        if (_positions is null || !_positions.TryGetValue(key, out var position)) return false;
        reader.Position = position;
        return true;
    }
}
