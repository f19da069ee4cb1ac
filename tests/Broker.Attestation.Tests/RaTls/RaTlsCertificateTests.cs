using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.Apps;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.RaTls;
using Broker.Attestation.Tests.Dstack;

namespace Broker.Attestation.Tests.RaTls;

public class RaTlsCertificateTests
{
    private static readonly AppInfo Info = new()
    {
        AppId = new byte[20],
        ComposeHash = new byte[32],
        InstanceId = default,
        DeviceId = new byte[32],
        MrSystem = new byte[32],
        MrAggregated = new byte[32],
        OsImageHash = default,
        KeyProviderInfo = "{}"u8.ToArray(),
        InitScriptHashes = [new byte[32]],
    };

    [FixtureFact]
    public void Reads_the_attestation_of_a_client_certificate_and_its_binding()
    {
        var certificate = Read("ra-client.crt");

        certificate.Attestation
            .ShouldNotBeNull().Encode().ShouldBe(DstackFixtures.KmsBytes("synthetic", "ra-client.attestation.bin"));
        certificate.Attestation.ReportData.ToArray().ShouldBe(certificate.ExpectedReportData());
        certificate.Usage.ShouldBeNull();
    }

    [FixtureFact]
    public void Reads_the_legacy_pair_of_extensions()
    {
        var certificate = Read("ra-client-legacy.crt");

        certificate.Attestation.ShouldNotBeNull().ReportData.ToArray().ShouldBe(certificate.ExpectedReportData());
        certificate.Attestation.Config.ShouldBe("");
        certificate.Attestation.RuntimeEvents.Count.ShouldBe(9);
    }

    [FixtureFact]
    public void A_wrong_binding_is_read_and_does_not_match()
    {
        var certificate = Read("ra-client-wrong-binding.crt");

        certificate.Attestation.ShouldNotBeNull().ReportData.ToArray().ShouldNotBe(certificate.ExpectedReportData());
    }

    [FixtureFact]
    public void Reads_the_usage_of_the_KMS_certificate()
    {
        var certificate = Read("kms-certs", "rpc.crt");

        certificate.Usage.ShouldBe(CertificateUsage.KmsRpc);
        certificate.SubjectPublicKeyInfo.ToArray()
            .ShouldBe(DstackFixtures.KmsJson("synthetic", "vectors.json").Hex("rpc_spki"));
    }

    [FixtureFact]
    public void A_genuine_root_CA_says_nothing_beyond_X509()
    {
        var keys = DstackFixtures.KmsJson("simulator", "appkeys.json");
        using var loaded = X509Certificate2.CreateFromPem(keys.Text("ca_cert"));
        var certificate = RaTlsCertificate.Read(loaded).Value.ShouldNotBeNull();

        (certificate.Usage, certificate.AppInfo, certificate.Attestation).ShouldBe((null, null, null));
        certificate.AppId.ShouldBeNull();
    }

    [Fact]
    public void Reads_what_it_wrote()
    {
        var attestation = new TdxAttestation(
            new EncodedQuote(new byte[] { 1 }), TdxEventLog.Empty, [new RuntimeEvent("app-id", new byte[20])],
            new byte[64], "{}");
        using var certificate = SelfSigned(
            RaTlsExtensions.AppId(new byte[20]), RaTlsExtensions.AppInfo(Info),
            RaTlsExtensions.Usage(CertificateUsage.AppCustom), RaTlsExtensions.Attestation(attestation));

        var read = RaTlsCertificate.Read(certificate).Value.ShouldNotBeNull();

        read.AppId.ShouldNotBeNull().Length.ShouldBe(20);
        read.AppInfo.ShouldNotBeNull().Encode().ShouldBe(Info.Encode());
        read.Usage.ShouldBe("app:custom");
        read.Attestation.ShouldNotBeNull().Encode().ShouldBe(attestation.Encode());
        certificate.Extensions.ShouldAllBe(extension => !extension.Critical);
    }

    [Fact]
    public void An_app_info_of_eight_members_is_read_as_well()
    {
        var nine = (Info with { InitScriptHashes = null }).Encode();
        byte[] eight = [0x98, .. nine[1..^1]];

        nine[0].ShouldBe((byte)0x99);
        AppInfo.Decode(eight).Value.ShouldNotBeNull().Encode().ShouldBe(nine);
        AppInfo.Decode([0x97, .. nine[1..^1]]).Error.ShouldNotBeNull().ShouldContain("7 members");
    }

    [Theory]
    [InlineData(RaTlsOid.Attestation, "0401", "does not hold an OCTET STRING")]
    [InlineData(RaTlsOid.Attestation, "040000", "trailing bytes")]
    [InlineData(RaTlsOid.Attestation, "0400", "Empty attestation bytes")]
    [InlineData(RaTlsOid.AppInfo, "040190", "malformed app info")]
    [InlineData(RaTlsOid.CertificateUsage, "0401ff", "not UTF-8")]
    [InlineData(RaTlsOid.Quote, "040100", "TDX event log missing")]
    public void Says_what_is_wrong_with_an_extension(string oid, string value, string error)
    {
        using var certificate = SelfSigned(new X509Extension(oid, Convert.FromHexString(value), false));

        RaTlsCertificate.Read(certificate).Error.ShouldNotBeNull().ShouldContain(error);
    }

    [Fact]
    public void Refuses_an_extension_above_its_bound()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(new byte[RaTlsCertificate.MaxExtensionLength]);
        using var certificate = SelfSigned(new X509Extension(RaTlsOid.Attestation, writer.Encode(), false));

        RaTlsCertificate.Read(certificate).Error.ShouldNotBeNull().ShouldContain("at most");
    }

    private static RaTlsCertificate Read(params string[] parts)
    {
        using var certificate = X509Certificate2.CreateFromPem(
            System.Text.Encoding.ASCII.GetString(DstackFixtures.KmsBytes(["synthetic", .. parts])));
        var read = RaTlsCertificate.Read(certificate);
        read.Error.ShouldBeNull();
        return read.Value!;
    }

    private static X509Certificate2 SelfSigned(params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions) request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(10));
    }
}
