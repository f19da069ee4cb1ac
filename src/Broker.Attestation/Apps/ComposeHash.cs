namespace Broker.Attestation.Apps;

/// <summary>
/// SHA-256 of an app's app-compose.json, as its event log measures it. The log may hold another number of bytes, and
/// the authority decides about what was measured: so it is taken as it is.
/// </summary>
public readonly record struct ComposeHash
{
    private readonly Octets _value;

    public ComposeHash(ReadOnlyMemory<byte> measured) => _value = new Octets(measured.Span);

    /// <summary>Empty when the log measures none.</summary>
    public ReadOnlyMemory<byte> Bytes => _value.Bytes;

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
