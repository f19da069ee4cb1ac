using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.Verification;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>
/// The one root of each family that a verifier believes. Chains must end in exactly these bytes. A root that comes with
/// evidence, or from AMD's key service, plays no part.
/// </summary>
public sealed class SnpTrustAnchors
{
    private readonly Dictionary<ProcessorFamily, Anchor> _roots;

    private SnpTrustAnchors(IReadOnlyDictionary<ProcessorFamily, ReadOnlyMemory<byte>> external)
    {
        _roots = Enum.GetValues<ProcessorFamily>().ToDictionary(
            family => family,
            family => external.TryGetValue(family, out var root) ? new Anchor(root) : new Anchor(AmdRoots.Of(family)));
        IsExternal = external.Count > 0;
    }

    /// <summary>AMD's roots, those of all genuine platforms.</summary>
    public static SnpTrustAnchors Amd { get; } =
        new(new Dictionary<ProcessorFamily, ReadOnlyMemory<byte>>());

    /// <summary>
    /// True where another root stands for one of AMD's: whoever holds its key can make reports say anything.
    /// </summary>
    public bool IsExternal { get; }

    /// <summary>
    /// Other roots in the place of some of AMD's, for simulators and tests. The rules for chains stay the same. Bytes
    /// that are not a root certificate make every report of that family refused as <c>CERT_MALFORMED</c>.
    /// </summary>
    /// <param name="roots">DER; a family without an entry keeps AMD's root.</param>
    /// <exception cref="InvalidOperationException">The options do not allow it.</exception>
    public static SnpTrustAnchors External(
        IReadOnlyDictionary<ProcessorFamily, ReadOnlyMemory<byte>> roots, ExternalTrustAnchorOptions options)
        => options.InsecureAllowExternalTrustAnchors
            ? new SnpTrustAnchors(roots)
            : throw new InvalidOperationException("external trust anchors are not allowed");

    /// <summary>The root certificate of a family, DER.</summary>
    public ReadOnlyMemory<byte> Root(ProcessorFamily family) => _roots[family].Encoded;

    /// <summary>The root as read; null when the bytes are not a certificate.</summary>
    internal SnpCertificate? Certificate(ProcessorFamily family) => _roots[family].Read.Value;

    private sealed class Anchor(ReadOnlyMemory<byte> encoded)
    {
        public ReadOnlyMemory<byte> Encoded { get; } = encoded;

        public Lazy<SnpCertificate?> Read { get; } = new(() => SnpCertificateReader.TryRead(encoded));
    }
}
