using System.Security.Cryptography;
using Broker.Attestation.Dstack;
using Broker.Attestation.EventLog;

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
        decoded.Value.Attestation.Quote.ToArray().ShouldBe([9]);
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

    private static CsrV2 Request(bool extQuote, byte[] quote) => new(
        CsrSignature.ConfirmWord,
        new byte[] { 1, 2, 3 },
        new CsrConfig(null, "test.example.com", [], true, false, extQuote),
        new VersionedAttestation(quote, TdxEventLog.Empty, [], new byte[64], ""));
}
