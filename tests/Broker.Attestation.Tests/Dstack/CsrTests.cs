using System.Security.Cryptography;
using Broker.Attestation.CertificateRequests;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Tests.Dstack;

public class CsrTests
{
    // kms-protocol §11.6: the encodings that the reference's own tests expect.
    private const string Common = "44706c65617365207369676e20636572743a" + "0c010203" + "00"
        + "40746573742e6578616d706c652e636f6d" + "00" + "01" + "00";
    private static readonly string ReportData = new('0', 128);
    private static readonly string VectorA = Common + "00" + "00" + "0000" + "0000000000" + ReportData + "00";
    private static readonly string VectorB = Common + "01" + "00" + "0000" + "00000409" + "0000" + ReportData + "00";

    [Fact]
    public void Encodes_V2_as_the_reference_does()
    {
        Convert.ToHexStringLower(Request(extQuote: false, quote: []).Encode()).ShouldBe(VectorA);
        Convert.ToHexStringLower(Request(extQuote: true, quote: [9]).Encode()).ShouldBe(VectorB);
        VectorA.Length.ShouldBe(2 * 117);
        VectorB.Length.ShouldBe(2 * 118);
    }

    [Fact]
    public void Decodes_V2_as_the_reference_does()
    {
        var decoded = CsrV2.Decode(Convert.FromHexString(VectorB));

        decoded.Error.ShouldBeNull();
        decoded.Value!.Config
            .ShouldBe(Request(true, [9]).Config with { SubjectAltNames = decoded.Value.Config.SubjectAltNames });
        decoded.Value.Attestation.ShouldBeOfType<TdxAttestation>().Quote.Bytes.ToArray().ShouldBe([9]);
    }

    [FixtureFact]
    public void Reads_and_verifies_a_V2_request()
    {
        var bytes = DstackFixtures.KmsBytes("synthetic", "csr-v2.bin");
        var signature = DstackFixtures.KmsBytes("synthetic", "csr-v2.sig");
        var csr = CsrV2.Decode(bytes).Value.ShouldNotBeNull();

        csr.Encode().ShouldBe(bytes);
        CsrSignature.Verify(csr.Confirm, csr.PublicKey.Span, bytes, signature).ShouldBeNull();
        csr.Config.OrgName.ShouldBe("Example");
        csr.Config.Subject.ShouldBe("app.example.test");
        csr.Config.SubjectAltNames.ShouldBe(["app.example.test", "10.0.0.1"]);
        (csr.Config.UsageServerAuth, csr.Config.UsageClientAuth, csr.Config.ExtQuote, csr.Config.ExtAppInfo)
            .ShouldBe((true, true, true, true));
        csr.Config.NotBefore.ShouldBeNull();
        csr.Config.NotAfter.ShouldBe(1893456000UL);
        csr.Attestation.ReportData.ToArray().ShouldBe(ReportDataBinding.ForCertificate(csr.PublicKey.Span));
    }

    [FixtureFact]
    public void Reads_verifies_and_upgrades_a_V1_request()
    {
        var bytes = DstackFixtures.KmsBytes("synthetic", "csr-v1.bin");
        var signature = DstackFixtures.KmsBytes("synthetic", "csr-v1.sig");
        var csr = CsrV1.Decode(bytes).Value.ShouldNotBeNull();

        csr.Encode().ShouldBe(bytes);
        CsrSignature.Verify(csr.Confirm, csr.PublicKey.Span, bytes, signature).ShouldBeNull();
        var upgraded = csr.Upgrade().Value.ShouldNotBeNull();
        upgraded.Config.ExtAppInfo.ShouldBeFalse();
        upgraded.Attestation.Config.ShouldBe("");
        upgraded.Attestation.ReportData.ToArray().ShouldBe(ReportDataBinding.ForCertificate(csr.PublicKey.Span));
        (csr with { EventLog = "?"u8.ToArray() }).Upgrade().Error
            .ShouldNotBeNull().ShouldStartWith("Failed to parse tdx_event_log");
    }

    [FixtureFact]
    public void Refuses_a_V1_request_with_trailing_bytes()
        => CsrV1.Decode([.. DstackFixtures.KmsBytes("synthetic", "csr-v1.bin"), 0]).Error
            .ShouldNotBeNull().ShouldContain("trailing");

    [Fact]
    public void Says_why_a_signature_does_not_hold()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var publicKey = key.ExportSubjectPublicKeyInfo();
        byte[] csr = [1, 2, 3];
        var signature = CsrSignature.Sign(key, csr);

        CsrSignature.Verify(CsrSignature.ConfirmWord, publicKey, csr, signature).ShouldBeNull();
        CsrSignature.Verify("please", publicKey, csr, signature).ShouldBe("Invalid confirm word");
        CsrSignature.Verify("please", publicKey, [1, 2], signature).ShouldBe("Invalid signature");
        CsrSignature.Verify("please", publicKey, csr, [1]).ShouldBe("Invalid signature");
        CsrSignature.Verify("please", other.ExportSubjectPublicKeyInfo(), csr, signature)
            .ShouldBe("Unsupported algorithm");
        CsrSignature.Verify("please", [1], csr, signature).ShouldNotBeNull().ShouldStartWith("Failed to parse pubkey");
        CsrSignature.Verify("please", [.. publicKey, 0], csr, signature)
            .ShouldNotBeNull().ShouldStartWith("Failed to parse pubkey");
    }

    // The caller chooses the key, so a curve without a name must be a refusal and no fault of ours.
    [Fact]
    public void Refuses_a_key_whose_curve_is_written_out_as_numbers()
    {
        using var named = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(named.ExportExplicitParameters(includePrivateParameters: true));
        byte[] csr = [1, 2, 3];

        CsrSignature.Verify(
            CsrSignature.ConfirmWord, key.ExportSubjectPublicKeyInfo(), csr, CsrSignature.Sign(named, csr))
            .ShouldBe("Unsupported algorithm");
    }

    // X.690 §8.3: an INTEGER whose first bit is set is negative (Wycheproof ecdsa_secp256r1_sha256, "MissingZero").
    [Fact]
    public void Refuses_a_signature_with_a_negative_number()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var publicKey = key.ExportSubjectPublicKeyInfo();
        byte[] csr = [1, 2, 3];
        byte[] signature;
        do signature = CsrSignature.Sign(key, csr); while (signature.Length != 72);

        // Both numbers have their zero byte in front: 30 46 02 21 00 r… 02 21 00 s….
        byte[] withoutOfS = [0x30, 0x45, .. signature[2..37], 0x02, 0x20, .. signature[40..]];
        byte[] withoutOfR = [0x30, 0x45, 0x02, 0x20, .. signature[5..]];

        CsrSignature.Verify(CsrSignature.ConfirmWord, publicKey, csr, signature).ShouldBeNull();
        CsrSignature.Verify(CsrSignature.ConfirmWord, publicKey, csr, withoutOfS).ShouldBe("Invalid signature");
        CsrSignature.Verify(CsrSignature.ConfirmWord, publicKey, csr, withoutOfR).ShouldBe("Invalid signature");
    }

    private static CsrV2 Request(bool extQuote, byte[] quote) => new(
        CsrSignature.ConfirmWord,
        new byte[] { 1, 2, 3 },
        new CsrConfig(null, "test.example.com", [], true, false, extQuote),
        new TdxAttestation(new EncodedQuote(quote), TdxEventLog.Empty, [], new byte[64], ""));
}
