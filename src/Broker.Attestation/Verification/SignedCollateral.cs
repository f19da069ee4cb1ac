using System.Text;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// TCB info and QE identity have the same envelope: a text, a raw signature over exactly its UTF-8 bytes, and the chain
/// of the signer. This examines the envelope; what the text says is read only after that.
/// </summary>
internal sealed record SignedCollateral(
    string Subject, QuoteRefusalReason Chain, CertificateRefusals Certificate, QuoteRefusalReason Signature)
{
    public static readonly SignedCollateral TcbInfo = new(
        "TCB info", QuoteRefusalReason.TcbSignerChain, CertificateRefusals.TcbSigner,
        QuoteRefusalReason.TcbInfoSignature);

    public static readonly SignedCollateral QeIdentity = new(
        "QE identity", QuoteRefusalReason.QeSignerChain, CertificateRefusals.QeSigner,
        QuoteRefusalReason.QeIdentitySignature);

    private const string SignerName = "Intel SGX TCB Signing";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// The signed bytes, or null after a refusal. The signer must be the TCB signer itself, issued by the root and an
    /// end entity: any certificate below the root would let the owner of one PCK key write TCB info.
    /// </summary>
    public ReadOnlyMemory<byte>? Examine(
        Examination examination, TrustAnchors anchors, RootAuthority root, string chain, string text,
        ReadOnlyMemory<byte> signature)
    {
        var certificates = PemChain.Read(chain);
        if (certificates.Length != 2) return Refuse(examination, Chain, $"{certificates.Length} certificates, not 2");
        if (!root.IsIt(certificates[1])) return Refuse(examination, Chain, "root is not the trust anchor");
        if (anchors.Issued.TryRead(certificates[0], root.Certificate) is not { } signer)
        {
            return Refuse(examination, Chain, "signer is not issued by the root");
        }

        if (signer.CommonName != SignerName) return Refuse(examination, Chain, "signer is not the TCB signer");
        if (!CertificateProfile.ExamineEndEntity(examination, signer, Certificate)) return null;
        if (root.RevocationList.Revokes(signer)) return Refuse(examination, Certificate.Revoked, "signer is revoked");

        if (TryEncode(text) is not { } signed
            || !signer.Key.VerifyRaw(signed.Span, signature.Span))
        {
            return Refuse(examination, Signature, "signature does not verify");
        }

        return signed;
    }

    private ReadOnlyMemory<byte>? Refuse(
        Examination examination, QuoteRefusalReason reason, string detail)
    {
        examination.Refuse(reason, $"{Subject}: {detail}");
        return null;
    }

    private static ReadOnlyMemory<byte>? TryEncode(string text)
    {
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}
