using System.Security.Cryptography;
using System.Text.Json;
using Broker.Attestation.CertificateRequests;
using Broker.Attestation.Evidence;
using Broker.Attestation.Simulation.SevSnp;
using Broker.Kms.Certificates;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Rpc;

/// <summary>
/// What an AMD SEV-SNP machine gets from a running KMS, with evidence in its client certificate, over TLS.
/// </summary>
public sealed class SnpReleaseTests : IAsyncLifetime
{
    private static readonly CsrConfig Wish = new(
        "Example", "app.example.test", ["app.example.test"], UsageServerAuth: true, UsageClientAuth: true,
        ExtQuote: false);

    private const string Closed = "amd sev-snp key release is not enabled";

    private static readonly byte[] AppId = SHA256.HashData("snp app"u8)[..20];
    private static readonly byte[] ComposeHash = SHA256.HashData("snp compose"u8);
    private static readonly byte[] InstanceId = SHA256.HashData("snp instance"u8)[..20];

    private readonly Datacentre _datacentre = new();
    private readonly TemporaryFolder _folder = new();
    private Webhook _webhook = null!;
    private KeyService _keyService = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _keyService = await KeyService.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _keyService.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_app_gets_the_keys_of_the_identity_that_its_report_proves()
    {
        await using var kms = await StartAsync(open: true);
        var guest = NewGuest("one");
        using var client = await ConnectAsync(kms, guest);
        _webhook.Questions.Clear();

        var answer = await client.AnswerAsync("GetAppKey", "{\"api_version\":1,\"vm_config\":\"\"}");

        var roots = KmsIdentity.Load(kms.Keys).Roots;
        Attestation.Apps.AppId.TryFrom(AppId, out var app).ShouldBeTrue();
        answer.GetProperty("env_crypt_key").GetString()
            .ShouldBe(Convert.ToHexStringLower(AppKeyDerivation.EnvCryptKey(roots, app)));
        answer.GetProperty("os_image_hash").GetString().ShouldBe(Convert.ToHexStringLower(guest.OsImageHash));

        // The webhook is asked as for any other machine, with proven values.
        _webhook.Questions.Select(question => question.Path).ShouldBe(["/bootAuth/kms", "/bootAuth/app"]);
        var asked = _webhook.Questions[1].Body;
        asked.GetProperty("teeVariant").GetString().ShouldBe("dstack-amd-sev-snp");
        asked.GetProperty("appId").GetString().ShouldBe(Convert.ToHexStringLower(AppId));
        asked.GetProperty("composeHash").GetString().ShouldBe(Convert.ToHexStringLower(ComposeHash));
        asked.GetProperty("instanceId").GetString().ShouldBe(Convert.ToHexStringLower(InstanceId));
        asked.GetProperty("deviceId").GetString()!.Length.ShouldBe(128);
        asked.GetProperty("tcbStatus").GetString().ShouldBe("UpToDate");
        using var evidence = JsonDocument.Parse(kms.Entries()[^1].Evidence);
        evidence.RootElement.GetProperty("tee_variant").GetString().ShouldBe("dstack-amd-sev-snp");
        kms.Entries()[^1].Kind.ShouldBe("kms_app_key");
    }

    /// <summary>The gate comes last: the webhook was asked, and its no is told in the gate's place.</summary>
    [Fact]
    public async Task Nothing_is_released_unless_the_operator_opens_the_gate()
    {
        await using var kms = await StartAsync(open: false);
        using var client = await ConnectAsync(kms, NewGuest("one"));
        _webhook.Questions.Clear();

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain(Closed);
        _webhook.Questions.Select(question => question.Path).ShouldBe(["/bootAuth/kms", "/bootAuth/app"]);
        (await client.RefusalAsync("GetKmsKey", "{}")).ShouldContain(Closed);
        (await client.RefusalAsync("SignCert", SignCertRequest(NewGuest("one")))).ShouldContain(Closed);
        kms.Entries().ShouldNotContain(entry => entry.Kind == "kms_app_key" && entry.Outcome == "ok");

        _webhook.Deny("not this one");
        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("KMS is not allowed: not this one");
    }

    [Fact]
    public async Task The_webhooks_no_stands_though_the_gate_is_open()
    {
        await using var kms = await StartAsync(open: true);
        using var client = await ConnectAsync(kms, NewGuest("one"));
        _webhook.Answer = (path, _) => Task.FromResult((200, JsonSerializer.Serialize(new
        {
            isAllowed = path.EndsWith("/kms", StringComparison.Ordinal),
            gatewayAppId = "",
            reason = "not this app",
        })));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("Boot denied: not this app");
    }

    [Fact]
    public async Task A_certificate_is_signed_for_a_key_that_a_report_is_bound_to()
    {
        await using var kms = await StartAsync(open: true);
        using var client = KmsClient.Plain(kms.Address);

        var answer = await client.AnswerAsync("SignCert", SignCertRequest(NewGuest("one")));

        answer.GetProperty("certificate_chain").GetArrayLength().ShouldBe(3);
    }

    /// <summary>A temp CA is for anybody, but not from a KMS whose own kind of machine gets no keys.</summary>
    [Fact]
    public async Task A_kms_on_such_a_machine_keeps_its_temp_ca_while_the_gate_is_closed()
    {
        var machine = new Guest(_datacentre.NewMachine(), "kms");
        var own = NewGuest("kms");
        machine.Instead = reportData => own.Attest(reportData);
        await using var kms = await StartAsync(open: false, machine);
        using var client = KmsClient.Plain(kms.Address);

        (await client.RefusalAsync("GetTempCaCert", "{}")).ShouldContain(Closed);
    }

    [Fact]
    public async Task A_vm_config_of_another_machine_ends_before_the_webhook()
    {
        await using var kms = await StartAsync(open: true);
        var guest = NewGuest("one");
        using var client = await ConnectAsync(kms, guest);
        _webhook.Questions.Clear();
        var request = JsonSerializer.Serialize(new { api_version = 1, vm_config = guest.OtherVmConfig });

        (await client.RefusalAsync("GetAppKey", request)).ShouldContain("amd sev-snp measurement mismatch");
        _webhook.Questions.Select(question => question.Path).ShouldBe(["/bootAuth/kms"]);
    }

    /// <summary>Genuine evidence, but for another key: whoever copies it is nobody.</summary>
    [Fact]
    public async Task Evidence_bound_to_another_key_is_refused()
    {
        await using var kms = await StartAsync(open: true);
        using var client = await ConnectAsync(
            kms, _ => NewGuest("one").Attest(ReportDataBinding.ForCertificate([1, 2, 3])));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("report data mismatch");
    }

    [Fact]
    public async Task Machines_of_another_root_are_refused_under_AMDs()
    {
        await using var kms = await KmsNode.StartRunningAsync(
            _datacentre, _webhook, alter: options => options with { SevSnpKeyRelease = true });
        using var client = await ConnectAsync(kms, NewGuest("one"));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("CHAIN_SIGNATURE");
    }

    /// <summary>A guest without certificates costs one question for it and one for the chain, for all time.</summary>
    [Fact]
    public async Task Certificates_that_a_guest_does_not_send_are_fetched_once_and_kept_over_a_restart()
    {
        var machine = _keyService.NewMachine("one");
        var guest = new SimulatedSnpGuest(machine, AppId, ComposeHash, InstanceId);
        for (var start = 0; start < 2; start++)
        {
            await using var kms = await StartAsync(open: true);
            for (var connection = 0; connection < 3; connection++)
            {
                using var client = await ConnectAsync(kms, key => Bare(guest, key));
                await client.AnswerAsync("GetAppKey", "{}");
            }
        }

        _keyService.Asked.Count.ShouldBe(2);
        _keyService.Asked.ShouldContain("/vcek/v1/Milan/cert_chain");
    }

    /// <summary>A service that throttles is left alone, and nobody waits for it.</summary>
    [Fact]
    public async Task A_throttling_key_service_is_a_refusal_and_is_not_asked_again_at_once()
    {
        _keyService.Status = 429;
        await using var kms = await StartAsync(open: true);
        using var client = await ConnectAsync(kms, key => Bare(NewGuest("one"), key));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("COLLATERAL_MISSING");
        var asked = _keyService.Asked.Count;
        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("COLLATERAL_MISSING");
        _keyService.Asked.Count.ShouldBe(asked);

        // Whoever brings its certificates along is not concerned.
        using var complete = await ConnectAsync(kms, NewGuest("two"));
        await complete.AnswerAsync("GetAppKey", "{}");
    }

    [Theory]
    [InlineData(false, 200, null)]
    [InlineData(true, 200, "REVOKED")]
    [InlineData(false, 500, "CRL_MISSING")]
    public async Task Revocation_is_checked_where_the_operator_wants_it(bool revoked, int status, string? code)
    {
        _keyService.Revoked = revoked;
        if (status != 200) _keyService.Status = status;
        await using var kms = await StartAsync(open: true, alter: snp => snp with { CheckRevocation = true });
        using var client = await ConnectAsync(kms, NewGuest("one"));

        if (code is null) await client.AnswerAsync("GetAppKey", "{}");
        else (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain(code);
    }

    [Fact]
    public async Task Firmware_below_the_operators_minimum_is_refused()
    {
        await using var kms = await StartAsync(
            open: true, alter: snp => snp with { MilanMinimumTcb = KeyService.Levels with { Snp = 25 } });
        using var client = await ConnectAsync(kms, NewGuest("one"));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("TCB_BELOW_MINIMUM");
    }

    private static SnpAttestation Bare(SimulatedSnpGuest guest, P256PrivateKey key) =>
        guest.Attest(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo), withCertificates: false);

    private SimulatedSnpGuest NewGuest(string chip) =>
        new(_keyService.NewMachine(chip), AppId, ComposeHash, InstanceId);

    private Task<KmsNode> StartAsync(
        bool open, Guest? machine = null, Func<SevSnpOptions, SevSnpOptions>? alter = null)
    {
        var root = _folder.File("milan.der");
        File.WriteAllBytes(root, KeyService.Pki.Root);
        var snp = new SevSnpOptions { MilanRootCa = root };
        return KmsNode.StartAsync(
            _datacentre, _webhook, machine ?? new Guest(_datacentre.NewMachine(), "kms"), options => options with
            {
                AutoBootstrapDomain = "localhost",
                SevSnpKeyRelease = open,
                AmdKdsUrl = _keyService.Url,
                CollateralCacheDir = _folder.File("collateral"),
                InsecureAllowExternalTrustAnchors = true,
                SevSnp = alter?.Invoke(snp) ?? snp,
            });
    }

    private Task<KmsClient> ConnectAsync(KmsNode kms, SimulatedSnpGuest guest) =>
        ConnectAsync(kms, key => guest.Attest(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo)));

    private Task<KmsClient> ConnectAsync(KmsNode kms, Func<P256PrivateKey, SnpAttestation> evidence) =>
        KmsClient.AttestedAsync(
            kms.Address, new Guest(_datacentre.NewMachine(), "unused"), key => evidence(key).Encode());

    private static string SignCertRequest(SimulatedSnpGuest guest)
    {
        var key = P256PrivateKey.Generate();
        var attestation = guest.Attest(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo));
        var csr = new CsrV2(CsrSignature.ConfirmWord, key.SubjectPublicKeyInfo, Wish, attestation).Encode();
        return JsonSerializer.Serialize(new
        {
            api_version = 2,
            csr = Convert.ToHexStringLower(csr),
            signature = Convert.ToHexStringLower(key.Sign(csr)),
            vm_config = "",
        });
    }
}
