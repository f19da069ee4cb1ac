using Broker.Attestation.CertificateRequests;
using Broker.Foundation.Results;
using Broker.Kms.Keys;

namespace Broker.Kms.Rpc;

/// <summary>A certificate request in either form, whose signature by its own key holds.</summary>
internal sealed record SignedCsr(CsrV2 Csr)
{
    /// <summary>Decodes, verifies over the received bytes, and lifts the older form to the newer one.</summary>
    public static Result<SignedCsr> Read(uint version, ReadOnlyMemory<byte> csr, ReadOnlySpan<byte> signature) =>
        version switch
        {
            1 => ReadV1(csr.Span, signature),
            2 => ReadV2(csr.Span, signature),
            _ => RpcRefusals.UnsupportedVersion(version),
        };

    private static Result<SignedCsr> ReadV1(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        var csr = CsrV1.Decode(bytes);
        if (!csr.Succeeded) return Unreadable($"Failed to parse csr: {csr.Error}");
        if (SignatureFault(csr.Value.Confirm, csr.Value.PublicKey.Span, bytes, signature) is { } fault) return fault;

        var upgraded = csr.Value.Upgrade();
        return upgraded.Succeeded
            ? new SignedCsr(upgraded.Value)
            : Unreadable($"Failed to upgrade csr v1 to v2: {upgraded.Error}");
    }

    private static Result<SignedCsr> ReadV2(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        var csr = CsrV2.Decode(bytes);
        if (!csr.Succeeded) return Unreadable($"Failed to parse csr: {csr.Error}");
        return SignatureFault(csr.Value.Confirm, csr.Value.PublicKey.Span, bytes, signature) is { } fault
            ? fault
            : new SignedCsr(csr.Value);
    }

    private static Refusal? SignatureFault(
        string confirm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> csr, ReadOnlySpan<byte> signature)
    {
        var fault = CsrSignature.Verify(confirm, publicKey, csr, signature);
        // The certificate's serial is made of the uncompressed point, so a key must come in its usual form.
        if (fault is null && !P256PrivateKey.IsSubjectPublicKeyInfo(publicKey))
            fault = "Failed to parse pubkey: not an uncompressed P-256 point";
        return fault is null
            ? null
            : new Refusal(RpcRefusals.CsrSignatureInvalid, $"Failed to verify csr signature: {fault}");
    }

    private static Refusal Unreadable(string text) => new(RpcRefusals.CsrUnreadable, text);
}
