namespace Broker.DataClasses;

/// <summary>32 secret bytes that seal a class's envelopes.</summary>
internal sealed class DataKey
{
    private readonly byte[] _key = GC.AllocateArray<byte>(Envelope.KeySize, pinned: true);

    private DataKey()
    {
    }

    /// <summary>Takes 32 bytes.</summary>
    public DataKey(ReadOnlySpan<byte> key) => key.CopyTo(_key);

    public ReadOnlySpan<byte> Bytes => _key;

    /// <exception cref="FormatException">It has not 64 hex digits; the message does not repeat it.</exception>
    public static DataKey Parse(string value)
    {
        if (value.Length != 2 * Envelope.KeySize || !value.All(char.IsAsciiHexDigit))
            throw new FormatException("must be 64 hex digits");
        var key = new DataKey();
        Convert.FromHexString(value, key._key, out _, out _);
        return key;
    }
}
