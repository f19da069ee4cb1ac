using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.Evidence;
using Broker.Attestation.RaTls;
using Broker.Cryptography;
using Broker.Kms.Certificates;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Lifecycle;
using Broker.Kms.Records;
using Broker.Kms.Tests.Rig;
using Broker.Ledger;
using Broker.Ledger.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Kms.Tests.Lifecycle;

/// <summary>What a start does to an existing key folder, ours or the reference's.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private readonly TemporaryFolder _folder = new();
    private Webhook _webhook = null!;

    private string CertDir => _folder.File("certs");

    public async Task InitializeAsync() => _webhook = await Webhook.StartAsync();

    [Fact]
    public async Task The_root_ca_keeps_its_bytes_and_the_servers_certificate_is_fresh()
    {
        await StartAndStopAsync();
        var root = File.ReadAllText(Path.Combine(CertDir, "root-ca.crt"));
        var rpc = File.ReadAllText(Path.Combine(CertDir, "rpc.crt"));

        await StartAndStopAsync();

        File.ReadAllText(Path.Combine(CertDir, "root-ca.crt")).ShouldBe(root);
        var renewed = File.ReadAllText(Path.Combine(CertDir, "rpc.crt"));
        renewed.ShouldNotBe(rpc);
        using var certificate = X509Certificate2.CreateFromPem(renewed);
        using var former = X509Certificate2.CreateFromPem(rpc);
        certificate.GetPublicKey().ShouldBe(former.GetPublicKey());
        var read = RaTlsCertificate.Read(certificate).Value!;
        read.Usage.ShouldBe("kms:rpc");
        var verdict = await new AttestationVerifier(_datacentre.Verifier).VerifyAsync(
            read.Attestation!, read.ExpectedReportData(), DateTimeOffset.UtcNow, CancellationToken.None);
        verdict.ShouldBeOfType<VerifiedTdxAttestation>();
    }

    [Fact]
    public async Task A_ca_that_ends_within_a_year_is_renewed_over_the_same_key()
    {
        await StartAndStopAsync();
        var folder = new KeyDirectory(CertDir);
        var roots = KmsIdentity.Load(folder).Roots;
        var ageing = DateTimeOffset.UtcNow - KmsCertificates.Lifetime + TimeSpan.FromDays(200);
        folder.ReplaceCertificate("root-ca.crt", KmsCertificates.RootCa(roots.Ca, ageing));

        await StartAndStopAsync();

        using var renewed = X509Certificate2.CreateFromPem(folder.ReadText("root-ca.crt"));
        renewed.NotAfter.ShouldBeGreaterThan(DateTime.Now.AddYears(9));
        renewed.PublicKey.ExportSubjectPublicKeyInfo().ShouldBe(roots.Ca.SubjectPublicKeyInfo);
    }

    [Fact]
    public async Task Without_evidence_for_its_certificate_it_does_not_start()
    {
        await StartAndStopAsync();
        var machine = new Guest(_datacentre.NewMachine(), "kms") { Broken = "no such socket" };

        var refused = await Should.ThrowAsync<KmsStartException>(() => KmsNode.StartAsync(
            _datacentre, _webhook, machine, options => options with { CertDir = CertDir }));

        refused.Message.ShouldStartWith("Failed to reissue the attested KMS RPC certificate; refusing to start");
        refused.Message.ShouldEndWith("no such socket");
    }

    [Fact]
    public async Task On_a_laptop_it_starts_without_a_machine()
    {
        await using var kms = await KmsNode.StartAsync(
            _datacentre, _webhook, new Guest(_datacentre.NewMachine(), "kms") { Broken = "no such socket" }, Laptop);

        using var client = KmsClient.Plain(kms.Address);
        var meta = await client.AnswerAsync("GetMeta", "{}");

        meta.GetProperty("is_dev").GetBoolean().ShouldBeTrue();
        meta.GetProperty("allow_any_upgrade").GetBoolean().ShouldBeTrue();
        meta.GetProperty("gateway_app_id").GetString().ShouldBe("any");
        meta.GetProperty("chain_id").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        // Never without evidence, whatever the settings say.
        (await client.RefusalAsync("GetKmsKey", "{}")).ShouldBe("No attestation provided");
    }

    [Fact]
    public async Task Auto_bootstrap_that_is_denied_ends_with_the_reason()
    {
        _webhook.Deny("aggregated MR not allowed");

        var refused = await Should.ThrowAsync<KmsStartException>(StartAndStopAsync);

        refused.Message.ShouldBe("KMS is not allowed to auto-bootstrap: boot denied: aggregated MR not allowed");
        Directory.Exists(CertDir).ShouldBeFalse();
    }

    [Theory]
    [InlineData("root-ca.key")]
    [InlineData("root-k256.key")]
    public async Task Auto_bootstrap_never_replaces_a_root_key(string key)
    {
        await StartAndStopAsync();
        foreach (var file in Directory.GetFiles(CertDir).Where(file => Path.GetFileName(file) != key))
            File.Delete(file);
        var before = File.ReadAllBytes(Path.Combine(CertDir, key));

        await Should.ThrowAsync<KmsStartException>(StartAndStopAsync);

        File.ReadAllBytes(Path.Combine(CertDir, key)).ShouldBe(before);
        Directory.GetFileSystemEntries(CertDir).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_folder_with_a_damaged_key_is_named()
    {
        await StartAndStopAsync();
        File.WriteAllText(Path.Combine(CertDir, "root-ca.key"), "damaged");

        var refused = await Should.ThrowAsync<KmsStartException>(StartAndStopAsync);

        refused.Message.ShouldStartWith($"BROKER_KMS_CERT_DIR=\"{CertDir}\": holds no usable keys: ");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var first = await KmsNode.StartRunningAsync(_datacentre, _webhook);

        var refused = await Should.ThrowAsync<KmsStartException>(() => KmsNode.StartRunningAsync(
            _datacentre, _webhook, alter: options => options with { RpcPort = first.Address.Port }));

        refused.Message.ShouldStartWith($"BROKER_KMS_PORT=\"{first.Address.Port}\": cannot listen on 127.0.0.1:");
        refused.Message.ShouldContain("address already in use");
    }

    /// <summary>No mode below /proc/self can be changed, whoever asks, in a container too.</summary>
    [Fact]
    public async Task A_key_folder_that_stays_open_to_others_stops_the_start()
    {
        const string open = "/proc/self/task";
        File.GetUnixFileMode(open).HasFlag(UnixFileMode.OtherRead).ShouldBeTrue();

        var refused = await Should.ThrowAsync<KmsStartException>(() => KmsNode.StartRunningAsync(
            _datacentre, _webhook, alter: options => options with { CertDir = open }));

        refused.Message.ShouldBe($"BROKER_KMS_CERT_DIR=\"{open}\": cannot be used: "
            + $"{open} is open to others, and its mode cannot be changed");
    }

    [Theory]
    [InlineData("BROKER_KMS_CERT_DIR=/proc/nope")]
    [InlineData("BROKER_KMS_CERT_DIR=/etc/passwd")]
    [InlineData("BROKER_KMS_RPC_TLS_MUTUAL_CA_CERTS=/no/such/ca.pem")]
    [InlineData("BROKER_KMS_RPC_TLS_CERTS=/etc/passwd")]
    public async Task A_path_that_cannot_be_used_is_named_with_its_variable(string setting)
    {
        var (name, path) = (setting[..setting.IndexOf('=')], setting[(setting.IndexOf('=') + 1)..]);

        KmsOptions With(KmsOptions options) => name switch
        {
            "BROKER_KMS_CERT_DIR" => options with { CertDir = path },
            "BROKER_KMS_RPC_TLS_CERTS" => options with { RpcTlsCerts = path, RpcTlsKey = path },
            _ => options with { RpcTlsMutualCaCerts = path },
        };

        var refused = await Should.ThrowAsync<KmsStartException>(
            () => KmsNode.StartRunningAsync(_datacentre, _webhook, alter: With));

        refused.Message.ShouldStartWith($"{name}=\"{path}\": cannot be used: ");
    }

    /// <summary>As in the process, which makes its own verifier.</summary>
    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/no/such/root.der")]
    public async Task A_root_that_is_none_stops_the_start(string path)
    {
        using var folder = new TemporaryFolder();
        using var key = Ed25519SigningKey.Generate();
        await using var ledger = SqliteLedger.Open(
            new SqliteLedgerOptions
            {
                Path = folder.File("audit.sqlite"),
                Origin = "kms.example.test/ledger",
                Kinds = new EntryKinds(KmsEntryKinds.All),
            }, key,
            TimeProvider.System);
        await using var provider = new ServiceCollection()
            .AddLogging().AddSingleton(TimeProvider.System).AddSingleton(ledger)
            .AddKms(new KmsOptions { TdxRootCa = path, InsecureAllowExternalTrustAnchors = true })
            .BuildServiceProvider();
        var host = provider.GetRequiredService<KmsHost>();

        await host.StartAsync(CancellationToken.None);

        (await Should.ThrowAsync<KmsStartException>(() => host.ExecuteTask!)).Message
            .ShouldStartWith($"BROKER_KMS_ATTESTATION_ROOT_CA_TDX=\"{path}\": cannot be used: ");
    }

    [Fact]
    public async Task Without_keys_and_without_onboarding_it_does_not_start()
    {
        var refused = await Should.ThrowAsync<KmsStartException>(() => KmsNode.StartAsync(
            _datacentre, _webhook, alter: options => options with { OnboardEnabled = false }));

        refused.Message.ShouldContain("lacks keys");
    }

    /// <summary>A folder of the reference gives the derived values of the published vectors, over our wire.</summary>
    [FixtureFact]
    public async Task A_folder_of_the_reference_is_served_as_it_is()
    {
        Directory.CreateDirectory(CertDir);
        foreach (var file in Directory.GetFiles(Fixtures.File("kms", "synthetic", "kms-certs")))
            File.WriteAllBytes(Path.Combine(CertDir, Path.GetFileName(file)), File.ReadAllBytes(file));
        var vectors = KmsVectors.Read();

        await using var kms = await KmsNode.StartAsync(
            _datacentre, _webhook, alter: options => options with { CertDir = CertDir });
        using var client = KmsClient.Plain(kms.Address);

        foreach (var app in vectors.Apps)
        {
            var answer = await client.AnswerAsync(
                "GetAppEnvEncryptPubKey", $"{{\"app_id\":\"{KmsVectors.Hex(app, "app_id")}\"}}");
            answer.GetProperty("public_key").GetString().ShouldBe(KmsVectors.Hex(app, "env_public_key"));
            answer.GetProperty("signature").GetString().ShouldBe(KmsVectors.Hex(app, "env_signature"));
        }

        var meta = await client.AnswerAsync("GetMeta", "{}");
        meta.GetProperty("ca_cert").GetString()
            .ShouldBe(File.ReadAllText(Fixtures.File("kms", "synthetic", "kms-certs", "root-ca.crt")));
        client.ServerCertificate!.Subject.ShouldBe("CN=kms.example.test");
        OpenSsl.Run("verify", "-CAfile", Path.Combine(CertDir, "root-ca.crt"), Path.Combine(CertDir, "rpc.crt"))
            .ShouldContain("OK");
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
        _folder.Dispose();
    }

    private KmsOptions Laptop(KmsOptions options) => options with
    {
        CertDir = CertDir,
        AutoBootstrapDomain = "localhost",
        AttestRpcCert = false,
        EnforceSelfAuthorization = false,
        AuthApiType = AuthApiType.Dev,
    };

    private async Task StartAndStopAsync()
    {
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook, alter: options => options with
        {
            CertDir = CertDir,
            AutoBootstrapDomain = "localhost",
        });
        kms.Host.Phase.ShouldBe(KmsPhase.Running);
    }
}
