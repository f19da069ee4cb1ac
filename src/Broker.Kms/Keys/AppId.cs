namespace Broker.Kms.Keys;

/// <summary>The 20-byte id of an app, as its event log measures it.</summary>
internal readonly record struct AppId
{
    public const int Length = 20;

    private readonly string? _hex;

    private AppId(string hex) => _hex = hex;

    /// <summary>Takes exactly 20 bytes; anything else is no app id.</summary>
    public static bool TryFrom(ReadOnlySpan<byte> bytes, out AppId id)
    {
        id = bytes.Length == Length ? new AppId(Convert.ToHexStringLower(bytes)) : default;
        return bytes.Length == Length;
    }

    public byte[] ToBytes() => Convert.FromHexString(_hex ?? throw new InvalidOperationException("no app id"));

    /// <summary>40 lower-case hex digits.</summary>
    public override string ToString() => _hex ?? "";
}
