using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Broker.Attestation.Apps;
using Broker.Attestation.CertificateRequests;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.RaTls;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Rpc;

public sealed class SignCertTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private readonly TemporaryFolder _folder = new();
    private readonly P256PrivateKey _key = P256PrivateKey.Generate();
    private Webhook _webhook = null!;
    private KmsNode _kms = null!;
    private Guest _guest = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _kms = await KmsNode.StartRunningAsync(_datacentre, _webhook);

        // A running app: events of its own after the boot ended.
        _guest = new Guest(_datacentre.NewMachine(), "app")
            .Add("key-provider", "{\"name\":\"kms\",\"id\":\"00\"}"u8.ToArray())
            .Add("system-ready", [])
            .Add("app-event", [1, 2, 3]);
    }

    [Fact]
    public async Task Signs_a_leaf_under_the_apps_ca_that_openssl_accepts()
    {
        var chain = await SignAsync(2, Request());

        var (leaf, appCa, root) = (Certificate(chain[0]), Certificate(chain[1]), Certificate(chain[2]));
        OpenSsl.Run(
            "verify", "-CAfile", _folder.Write("root.pem", chain[2]),
            "-untrusted", _folder.Write("app-ca.pem", chain[1]), _folder.Write("leaf.pem", chain[0]))
            .ShouldContain("OK");
        leaf.PublicKey.ExportSubjectPublicKeyInfo().ShouldBe(_key.SubjectPublicKeyInfo);
        leaf.Subject.ShouldBe("CN=app.example.test, O=Example");
        chain[2].ShouldBe(_kms.Keys.ReadText("root-ca.crt"));
        root.Subject.ShouldBe("CN=Dstack KMS CA, O=Dstack");

        AppId.TryFrom(_guest.AppId, out var app).ShouldBeTrue();
        var expectedCa = AppKeyDerivation.CaKey(KmsIdentity.Load(_kms.Keys).Roots, app);
        appCa.PublicKey.ExportSubjectPublicKeyInfo().ShouldBe(expectedCa.SubjectPublicKeyInfo);
    }

    [Fact]
    public async Task The_leaf_says_what_was_asked_and_what_was_measured()
    {
        var wish = Wish() with
        {
            ExtAppInfo = true,
            ExtQuote = true,
            NotBefore = 1_700_000_000,
            NotAfter = 4_000_000_000,
        };

        var leaf = Certificate((await SignAsync(2, Request(wish)))[0]);

        var read = RaTlsCertificate.Read(leaf).Value!;
        read.Usage.ShouldBe("app:custom");
        read.AppId!.Value.ToArray().ShouldBe(_guest.AppId);
        read.AppInfo!.AppId.ToArray().ShouldBe(_guest.AppId);
        read.AppInfo.InstanceId.ToArray().ShouldBe(_guest.InstanceId);
        read.Attestation!.ReportData.ToArray().ShouldBe(read.ExpectedReportData());
        new DateTimeOffset(leaf.NotBefore.ToUniversalTime()).ToUnixTimeSeconds().ShouldBe(1_700_000_000);
        new DateTimeOffset(leaf.NotAfter.ToUniversalTime()).ToUnixTimeSeconds().ShouldBe(4_000_000_000);
        _kms.Entries()[^1].Kind.ShouldBe("kms_certificate");
        _kms.Entries()[^1].ExpiresAt.ShouldBe(4_000_000_000);
    }

    /// <summary>The evidence claims one image; the policy was asked about, and allowed, another.</summary>
    [Fact]
    public async Task The_leaf_says_what_was_approved_and_nothing_that_was_only_claimed()
    {
        var approved = new string('5', 64);
        var csr = Request(Wish() with { ExtAppInfo = true });

        var chain = await SignAsync(2, csr, $"{{\"os_image_hash\":\"{approved}\"}}");

        var asked = _webhook.Questions[^1].Body;
        var info = RaTlsCertificate.Read(Certificate(chain[0])).Value!.AppInfo!;
        asked.GetProperty("osImageHash").GetString().ShouldBe(approved);
        Convert.ToHexStringLower(info.OsImageHash.Span).ShouldBe(approved);
        Convert.ToHexStringLower(info.MrAggregated.Span).ShouldBe(asked.GetProperty("mrAggregated").GetString());
        Convert.ToHexStringLower(info.MrSystem.Span).ShouldBe(asked.GetProperty("mrSystem").GetString());
        Convert.ToHexStringLower(info.DeviceId.Span).ShouldBe(asked.GetProperty("deviceId").GetString());
        Convert.ToHexStringLower(info.ComposeHash.Span).ShouldBe(asked.GetProperty("composeHash").GetString());
    }

    [Fact]
    public async Task The_older_form_with_quote_and_event_log_is_signed_too()
    {
        var evidence = _guest.Attest(ReportDataBinding.ForCertificate(_key.SubjectPublicKeyInfo));
        var csr = new CsrV1(
            CsrSignature.ConfirmWord,
            _key.SubjectPublicKeyInfo,
            Wish(),
            evidence.Quote.Bytes,
            EventLogJson.Write(evidence.EventLog));

        var chain = await SignAsync(1, csr.Encode());

        chain.Length.ShouldBe(3);
    }

    [Fact]
    public async Task The_policy_sees_the_measurements_of_the_boot_and_not_those_of_the_app()
    {
        var atBoot = new Guest(_datacentre.NewMachine(), "app");
        using var client = await KmsClient.AttestedAsync(_kms.Address, atBoot);
        await client.AnswerAsync("GetAppKey", "{}");
        var whenBooting = _webhook.Questions[^1].Body;

        await SignAsync(2, Request());

        var whenRunning = _webhook.Questions[^1].Body;
        foreach (var name in new[] { "mrAggregated", "mrSystem", "appId", "composeHash", "keyProviderInfo" })
            whenRunning.GetProperty(name).GetString().ShouldBe(whenBooting.GetProperty(name).GetString());
    }

    [Fact]
    public async Task A_changed_byte_spoils_the_signature()
    {
        var csr = Request();
        var signature = _key.Sign(csr);
        csr[^1] ^= 1;

        (await RefusalAsync(2, csr, signature)).ShouldBe("Failed to verify csr signature: Invalid signature");
        _kms.Entries()[^1].Outcome.ShouldBe("auth_failed");
    }

    [Fact]
    public async Task Another_confirm_word_is_refused()
    {
        var csr = new CsrV2("please sign", _key.SubjectPublicKeyInfo, Wish(), Evidence(_key)).Encode();

        (await RefusalAsync(2, csr, _key.Sign(csr))).ShouldBe("Failed to verify csr signature: Invalid confirm word");
    }

    [Fact]
    public async Task Evidence_for_another_key_is_refused()
    {
        var csr = new CsrV2(
            CsrSignature.ConfirmWord, _key.SubjectPublicKeyInfo, Wish(), Evidence(P256PrivateKey.Generate())).Encode();

        (await RefusalAsync(2, csr, _key.Sign(csr))).ShouldBe("Quote verification failed: report data mismatch");
        _kms.Entries()[^1].Kind.ShouldBe("kms_certificate");
    }

    [Fact]
    public async Task Bytes_that_are_no_request_are_refused()
    {
        (await RefusalAsync(2, [1, 2, 3], [])).ShouldStartWith("Failed to parse csr: ");
        (await RefusalAsync(1, [1, 2, 3], [])).ShouldStartWith("Failed to parse csr: ");
        (await RefusalAsync(3, [], [])).ShouldBe("Unsupported API version: 3");
    }

    [Fact]
    public async Task A_wish_that_no_certificate_can_hold_is_refused()
    {
        var foreign = Request(Wish() with { SubjectAltNames = ["bücher.example"] });
        var endless = Request(Wish() with { NotAfter = ulong.MaxValue });

        (await RefusalAsync(2, foreign, _key.Sign(foreign))).ShouldContain("not ASCII");
        (await RefusalAsync(2, endless, _key.Sign(endless))).ShouldContain("not_after");
    }

    [Fact]
    public async Task A_denied_app_gets_no_certificate()
    {
        var csr = Request();
        var ours = _webhook.Questions[0].Body.GetProperty("mrAggregated").GetString()!;
        _webhook.AllowMeasurements(ours);

        (await RefusalAsync(2, csr, _key.Sign(csr))).ShouldBe("Boot denied: aggregated MR not allowed");
    }

    public async Task DisposeAsync()
    {
        await _kms.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
        _folder.Dispose();
    }

    private static CsrConfig Wish() => new(
        "Example",
        "app.example.test",
        ["app.example.test", "10.0.0.1"],
        UsageServerAuth: true,
        UsageClientAuth: true,
        ExtQuote: false);

    private VersionedAttestation Evidence(P256PrivateKey key) =>
        _guest.Attest(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo));

    private byte[] Request(CsrConfig? wish = null) =>
        new CsrV2(CsrSignature.ConfirmWord, _key.SubjectPublicKeyInfo, wish ?? Wish(), Evidence(_key)).Encode();

    private async Task<string[]> SignAsync(int version, byte[] csr, string vmConfig = "")
    {
        using var client = KmsClient.Plain(_kms.Address);
        var answer = await client.AnswerAsync("SignCert", Body(version, csr, _key.Sign(csr), vmConfig));
        return [.. answer.GetProperty("certificate_chain").EnumerateArray().Select(pem => pem.GetString()!)];
    }

    private async Task<string> RefusalAsync(int version, byte[] csr, byte[] signature)
    {
        using var client = KmsClient.Plain(_kms.Address);
        return await client.RefusalAsync("SignCert", Body(version, csr, signature));
    }

    private static string Body(int version, byte[] csr, byte[] signature, string vmConfig = "") =>
        JsonSerializer.Serialize(new
        {
            api_version = version,
            csr = Convert.ToHexStringLower(csr),
            signature = Convert.ToHexStringLower(signature),
            vm_config = vmConfig,
        });

    private static X509Certificate2 Certificate(string pem) => X509Certificate2.CreateFromPem(pem);
}
