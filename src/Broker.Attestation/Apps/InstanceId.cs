namespace Broker.Attestation.Apps;

/// <summary>
/// Which instance of its app a guest is, as its event log measures it: 20 bytes, or none for an app without instances.
/// The log may hold another number of bytes, and the authority decides about what was measured: so it is taken as it
/// is.
/// </summary>
public readonly record struct InstanceId
{
    private readonly Octets _value;

    public InstanceId(ReadOnlyMemory<byte> measured) => _value = new Octets(measured.Span);

    /// <summary>Empty for an app without instances.</summary>
    public ReadOnlyMemory<byte> Bytes => _value.Bytes;

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
