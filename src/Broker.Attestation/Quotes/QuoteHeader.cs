namespace Broker.Attestation.Quotes;

/// <summary>The first 48 bytes of a quote, the same in versions 3, 4 and 5.</summary>
public sealed record QuoteHeader
{
    public const int Size = 48;

    /// <summary>The only attestation key type in production use: ECDSA with P-256 and SHA-256.</summary>
    public const ushort EcdsaP256 = 2;

    /// <summary>Intel's quoting enclaves, 939a7233-f79c-4ca9-940a-0db3957f0607.</summary>
    public static ReadOnlyMemory<byte> IntelQeVendorId { get; } =
        Convert.FromHexString("939a7233f79c4ca9940a0db3957f0607");

    public required ushort Version { get; init; }
    public ushort AttestationKeyType { get; init; } = EcdsaP256;
    public required TeeType TeeType { get; init; }

    /// <summary>SVN of the quoting enclave in version 3; reserved later, where nothing is expected of it.</summary>
    public ushort QeSvn { get; init; }

    /// <summary>SVN of the provisioning certification enclave in version 3; reserved later.</summary>
    public ushort PceSvn { get; init; }

    /// <summary>16 bytes.</summary>
    public ReadOnlyMemory<byte> QeVendorId { get; init; } = IntelQeVendorId;

    /// <summary>20 bytes; the first 16 are the platform's QE identifier.</summary>
    public ReadOnlyMemory<byte> UserData { get; init; } = new byte[20];
}
