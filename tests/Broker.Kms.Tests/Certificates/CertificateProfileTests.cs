using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.RaTls;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;

namespace Broker.Kms.Tests.Certificates;

public sealed class CertificateProfileTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Names_are_written_byte_for_byte()
    {
        Hex(DistinguishedName.RootCa.ToDer())
            .ShouldBe("3029310f300d060355040a0c0644737461636b3116301406035504030c0d44737461636b204b4d53204341");
        Hex(DistinguishedName.TempCa.ToDer()).ShouldBe(
            "3031310f300d060355040a0c0644737461636b311e301c06035504030c1544737461636b20436c69656e742054656d70204341");
        Hex(DistinguishedName.AppCa.ToDer())
            .ShouldBe("3029310f300d060355040a0c0644737461636b3116301406035504030c0d44737461636b20417070204341");
        Hex(DistinguishedName.RaTlsClient.ToDer())
            .ShouldBe("301b3119301706035504030c1052412d544c532054454d502043657274");
    }

    [FixtureTheory]
    [InlineData("root-ca")]
    [InlineData("tmp-ca")]
    public void A_ca_is_signed_over_the_same_bytes_as_the_fixture(string name)
    {
        var keyFile = Fixtures.File("kms", "synthetic", "kms-certs", name + ".key");
        var key = P256PrivateKey.FromPem(File.ReadAllText(keyFile));
        using var theirs = Certificate(File.ReadAllText(Fixtures.File("kms", "synthetic", "kms-certs", name + ".crt")));
        var issuedAt = new DateTimeOffset(theirs.NotAfter.ToUniversalTime()) - KmsCertificates.Lifetime;

        using var ours = Certificate(name == "root-ca"
            ? KmsCertificates.RootCa(key, issuedAt)
            : KmsCertificates.TempCa(key, issuedAt));

        Hex(ToBeSigned(ours)).ShouldBe(Hex(ToBeSigned(theirs)));
    }

    [FixtureFact]
    public void The_rpc_certificate_is_signed_over_the_same_bytes_as_the_fixture()
    {
        string File(string name) => System.IO.File.ReadAllText(Fixtures.File("kms", "synthetic", "kms-certs", name));
        var rootCa = P256PrivateKey.FromPem(File("root-ca.key"));
        var rpc = P256PrivateKey.FromPem(File("rpc.key"));
        using var theirs = Certificate(File("rpc.crt"));
        var attestation = Payload(theirs, RaTlsOid.Attestation);
        var issuedAt = new DateTimeOffset(theirs.NotAfter.ToUniversalTime()) - KmsCertificates.Lifetime;

        using var ours = Certificate(KmsCertificates.Rpc(
            rpc.SubjectPublicKeyInfo, File("rpc-domain"), attestation, rootCa, issuedAt));

        Hex(ToBeSigned(ours)).ShouldBe(Hex(ToBeSigned(theirs)));
    }

    [Fact]
    public void Openssl_accepts_the_chain_from_an_app_leaf_to_the_root()
    {
        var rootCa = P256PrivateKey.Generate();
        var appCa = P256PrivateKey.Generate();
        var leaf = P256PrivateKey.Generate();
        var app = KmsVectors.App(new byte[20]);
        var root = _folder.Write("root.pem", KmsCertificates.RootCa(rootCa, Now));
        var middle = _folder.Write("app-ca.pem", KmsCertificates.AppCa(appCa, app, rootCa, Now));
        var end = _folder.Write("leaf.pem", KmsCertificates.Pem(new CertificateTemplate
        {
            Subject = new DistinguishedName("Example", "app.example.test"),
            SubjectPublicKeyInfo = leaf.SubjectPublicKeyInfo,
            NotAfter = Now + KmsCertificates.Lifetime,
            AlternativeNames = ["app.example.test", "10.0.0.1", "2001:db8::1"],
            ServerAuth = true,
            ClientAuth = true,
            AppId = app.ToBytes(),
            Usage = CertificateUsage.AppCustom,
        }, DistinguishedName.AppCa, appCa));

        OpenSsl.Run("verify", "-CAfile", root, "-untrusted", middle, end).ShouldContain("OK");
        var text = OpenSsl.Run("x509", "-in", end, "-noout", "-text");
        text.ShouldContain("DNS:app.example.test, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1");
        text.ShouldContain("TLS Web Server Authentication, TLS Web Client Authentication");
        text.ShouldContain("Subject: O = Example, CN = app.example.test");
    }

    [Fact]
    public void Openssl_accepts_the_server_and_the_client_certificate()
    {
        var roots = RootKeysForTests();
        var rpc = P256PrivateKey.Generate();
        var client = P256PrivateKey.Generate();
        var root = _folder.Write("root.pem", KmsCertificates.RootCa(roots.Ca, Now));
        var temp = _folder.Write("temp.pem", KmsCertificates.TempCa(roots.TempCa, Now));
        var server = _folder.Write("rpc.pem",
            KmsCertificates.Rpc(rpc.SubjectPublicKeyInfo, "kms.example.test", null, roots.Ca, Now));
        var caller = _folder.Write("client.pem", KmsCertificates.RaTlsClient(client, [1, 2, 3], roots.TempCa, Now));

        OpenSsl.Run("verify", "-CAfile", root, "-verify_hostname", "kms.example.test", "-purpose", "sslserver", server)
            .ShouldContain("OK");
        OpenSsl.Run("verify", "-CAfile", temp, "-purpose", "sslclient", caller).ShouldContain("OK");
    }

    [Fact]
    public void A_key_that_is_certified_again_keeps_its_serial()
    {
        var key = P256PrivateKey.Generate();

        using var first = Certificate(KmsCertificates.RootCa(key, Now));
        using var second = Certificate(KmsCertificates.RootCa(key, Now + TimeSpan.FromDays(3000)));

        second.SerialNumber.ShouldBe(first.SerialNumber);
        second.RawData.ShouldNotBe(first.RawData);
    }

    [Fact]
    public void Ends_after_2049_are_written_as_generalized_time()
    {
        using var certificate = Certificate(KmsCertificates.RootCa(
            P256PrivateKey.Generate(), new DateTimeOffset(2045, 1, 1, 0, 0, 0, TimeSpan.Zero)));

        certificate.NotAfter.ToUniversalTime().Year.ShouldBe(2054);
    }

    /// <summary>The certificate of a KMS that the reference implementation ran: the profile must be the same.</summary>
    [FixtureFact]
    public void The_root_ca_has_the_profile_of_a_real_one()
    {
        using var keys = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Fixtures.File("kms", "simulator", "appkeys.json")));
        using var real = Certificate(keys.RootElement.GetProperty("ca_cert").GetString()!);

        using var ours = Certificate(KmsCertificates.RootCa(P256PrivateKey.Generate(), Now));

        ours.SubjectName.RawData.ShouldBe(real.SubjectName.RawData);
        ours.IssuerName.RawData.ShouldBe(real.IssuerName.RawData);
        ours.NotBefore.ShouldBe(real.NotBefore);
        ours.SerialNumber.Length.ShouldBeInRange(2, 40);
        ours.Extensions.Select(extension => (extension.Oid!.Value, extension.Critical))
            .ShouldBe(real.Extensions.Select(extension => (extension.Oid!.Value, extension.Critical)));
        ours.Extensions.OfType<X509BasicConstraintsExtension>().Single().PathLengthConstraint.ShouldBe(1);
    }

    /// <summary>The serial and the key identifier of that same certificate follow from its public key.</summary>
    [FixtureFact]
    public void Serial_and_key_identifier_follow_from_the_key_as_in_a_real_certificate()
    {
        using var keys = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Fixtures.File("kms", "simulator", "appkeys.json")));
        using var real = Certificate(keys.RootElement.GetProperty("ca_cert").GetString()!);

        var template = new CertificateTemplate
        {
            Subject = DistinguishedName.RootCa,
            SubjectPublicKeyInfo = real.PublicKey.ExportSubjectPublicKeyInfo(),
            NotAfter = new DateTimeOffset(real.NotAfter.ToUniversalTime()),
            CaPathLength = 1,
        };
        using var ours = X509CertificateLoader.LoadCertificate(
            CertificateWriter.Issue(template, DistinguishedName.RootCa, P256PrivateKey.Generate()));

        ours.SerialNumber.ShouldBe(real.SerialNumber);
        ours.Extensions["2.5.29.14"]!.RawData.ShouldBe(real.Extensions["2.5.29.14"]!.RawData);
    }

    public void Dispose() => _folder.Dispose();

    private static RootKeys RootKeysForTests() => RootKeys.Generate();

    private static X509Certificate2 Certificate(string pem) => X509Certificate2.CreateFromPem(pem);

    private static byte[] ToBeSigned(X509Certificate2 certificate) =>
        new AsnReader(certificate.RawData, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue().ToArray();

    private static byte[] Payload(X509Certificate2 certificate, string oid) =>
        new AsnReader(certificate.Extensions[oid]!.RawData, AsnEncodingRules.DER).ReadOctetString();

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
