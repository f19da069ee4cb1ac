namespace Broker.Attestation.Apps;

/// <summary>The 20-byte id of an app, as its event log measures it.</summary>
public readonly record struct AppId
{
    public const int Length = 20;

    private readonly Octets _value;

    private AppId(Octets value) => _value = value;

    /// <exception cref="InvalidOperationException">
    /// Nobody has set it. No key may ever be derived for such an id.
    /// </exception>
    public ReadOnlyMemory<byte> Bytes
        => _value.Bytes.IsEmpty ? throw new InvalidOperationException("no app id") : _value.Bytes;

    /// <summary>Takes exactly 20 bytes; anything else is not an app id.</summary>
    public static bool TryFrom(ReadOnlySpan<byte> bytes, out AppId id)
    {
        id = bytes.Length == Length ? new AppId(new Octets(bytes)) : default;
        return bytes.Length == Length;
    }

    public byte[] ToBytes() => Bytes.ToArray();

    /// <summary>40 lower-case hex digits; empty when nobody has set it.</summary>
    public override string ToString() => _value.ToString();
}
