namespace Broker.Kms.Certificates;

/// <summary>What a certificate shall say, before anyone signs it: the profile of kms-protocol §4.4.</summary>
internal sealed record CertificateTemplate
{
    /// <summary>Before any clock that a guest may wake up with.</summary>
    public static readonly DateTimeOffset DefaultNotBefore = new(1975, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public required DistinguishedName Subject { get; init; }

    /// <summary>The certified key, as DER SubjectPublicKeyInfo of a P-256 key.</summary>
    public required byte[] SubjectPublicKeyInfo { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    public DateTimeOffset NotBefore { get; init; } = DefaultNotBefore;

    /// <summary>How many CAs may stand below this one; null for a certificate that is not a CA.</summary>
    public int? CaPathLength { get; init; }

    /// <summary>Alternative names: an IP address literal becomes an IP name, everything else a DNS name.</summary>
    public IReadOnlyList<string> AlternativeNames { get; init; } = [];

    public bool ServerAuth { get; init; }

    public bool ClientAuth { get; init; }

    public byte[]? AppId { get; init; }

    /// <summary>The MessagePack array of the app's measured facts.</summary>
    public byte[]? AppInfo { get; init; }

    public string? Usage { get; init; }

    /// <summary>An attestation bound to the certified key.</summary>
    public byte[]? Attestation { get; init; }
}
