using Broker.Kms.Configuration;
using Broker.Kms.Tests.Rig;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Tests.Lifecycle;

/// <summary>What an operator is told without asking.</summary>
public sealed class WarningTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await Webhook.StartAsync();

    [Fact]
    public async Task A_start_warns_of_every_safeguard_that_is_off()
    {
        using var folder = new TemporaryFolder();
        var root = folder.File("root.der");
        await File.WriteAllBytesAsync(root, _datacentre.Root);
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook, alter: options => options with
        {
            AuthApiType = AuthApiType.Dev,
            TdxRootCa = root,
            InsecureAllowExternalTrustAnchors = true,
            AdminEnabled = true,
            AdminInsecureNoAuth = true,
            OnboardTls = false,
            EnforceSelfAuthorization = false,
        });

        var warnings = string.Join('\n', kms.Logged.At(LogLevel.Warning));
        foreach (var variable in (string[])
        [
            "BROKER_KMS_AUTH_API_TYPE=dev", $"BROKER_KMS_ATTESTATION_ROOT_CA_TDX={root}",
            "BROKER_KMS_ADMIN_INSECURE_NO_AUTH=true", "BROKER_KMS_ONBOARD_TLS=false",
            "BROKER_KMS_ENFORCE_SELF_AUTHORIZATION=false", "BROKER_KMS_IMAGE_VERIFY=false",
        ])
        {
            warnings.ShouldContain(variable);
        }
    }

    [Fact]
    public async Task A_collateral_service_that_fails_is_told_loudly_and_without_its_password()
    {
        using var folder = new TemporaryFolder();
        var root = folder.File("root.der");
        await File.WriteAllBytesAsync(root, _datacentre.Root);
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook, alter: options => options with
        {
            TdxRootCa = root,
            InsecureAllowExternalTrustAnchors = true,
            PccsUrl = _webhook.Url.Replace("http://", "http://user:s3cret@", StringComparison.Ordinal),
        });
        using var client = KmsClient.Plain(kms.Address);

        var refusal = await client.RefusalAsync("GetAttestationInfo", "{}");

        refusal.ShouldStartWith("Failed to verify attestation: ");
        refusal.ShouldContain(_webhook.Url);
        refusal.ShouldNotContain("s3cret");
        var told = kms.Logged.At(LogLevel.Error).ShouldHaveSingleItem();
        told.ShouldStartWith("No collateral for ");
        told.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_denial_is_logged_and_what_the_webhook_said_only_at_debug()
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook);
        using var client = KmsClient.Plain(kms.Address);
        _webhook.Answer = (_, _) => Task.FromResult((500, "the db password is hunter2"));

        var refusal = await client.RefusalAsync("GetTempCaCert", "{}");

        kms.Logged.At(LogLevel.Information).ShouldContain(line =>
            line.StartsWith($"GetTempCaCert refused with 400: {refusal} (", StringComparison.Ordinal));
        kms.Logged.At(LogLevel.Debug).ShouldContain(line => line.Contains("hunter2", StringComparison.Ordinal));
        foreach (var level in (LogLevel[])[LogLevel.Information, LogLevel.Warning, LogLevel.Error])
            kms.Logged.At(level).ShouldNotContain(line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_folder_that_was_open_is_closed_and_told()
    {
        using var folder = new TemporaryFolder();
        var certs = Directory.CreateDirectory(folder.File("certs")).FullName;
        File.SetUnixFileMode(certs, File.GetUnixFileMode(certs) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        await using var kms = await KmsNode.StartAsync(
            _datacentre, _webhook, alter: options => options with { CertDir = certs });

        kms.Logged.At(LogLevel.Warning).ShouldContain(
            line => line.StartsWith($"{certs} was open to others", StringComparison.Ordinal));
        File.GetUnixFileMode(certs).ShouldBe(Broker.Foundation.DurableFile.OwnerOnlyFolder);
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }
}
