using Broker.Foundation.Settings;
using Broker.Kms.Configuration;

namespace Broker.Kms.Tests.Configuration;

public sealed class KmsSettingsTests
{
    [Fact]
    public void Names_follow_the_keys_of_kms_toml()
    {
        string Name(string key) => KmsSettings.All.Single(setting => setting.Mirrors == $"kms.toml: {key}").Name;

        Name("core.auth_api.webhook.url").ShouldBe("BROKER_KMS_AUTH_API_WEBHOOK_URL");
        Name("rpc.tls.mutual.ca_certs").ShouldBe("BROKER_KMS_RPC_TLS_MUTUAL_CA_CERTS");
        Name("core.cert_dir").ShouldBe("BROKER_KMS_CERT_DIR");
        Name("core.admin_token_hash").ShouldBe("BROKER_KMS_ADMIN_TOKEN_HASH");
        KmsSettings.All.Select(setting => setting.Name).ShouldBeUnique();
        KmsSettings.All.ShouldAllBe(setting => setting.Meaning.Length > 0);
    }

    [Fact]
    public void Without_variables_everything_is_as_in_kms_toml()
    {
        var (options, fault) = Read();

        fault.ShouldBeNull();
        options.ShouldBe(new KmsOptions());
        options.RpcPort.ShouldBe(8000);
        options.CertDir.ShouldBe("/etc/kms/certs");
        options.EnforceSelfAuthorization.ShouldBeTrue();
    }

    [Fact]
    public void The_default_texts_give_the_default_options()
    {
        foreach (var setting in KmsSettings.All.Where(setting => setting.Default is not null))
        {
            var (options, fault) = Read((setting.Name, setting.Default!));
            fault.ShouldBeNull(setting.Name);
            options.ShouldBe(new KmsOptions(), setting.Name);
        }
    }

    [Fact]
    public void The_port_moves_both_phases_and_the_finer_ones_win()
    {
        Read(("BROKER_KMS_PORT", "9100")).Options.ShouldBe(new KmsOptions { RpcPort = 9100, OnboardPort = 9100 });
        Read(("BROKER_KMS_PORT", "9100"), ("BROKER_KMS_ONBOARD_PORT", "9101")).Options.OnboardPort.ShouldBe(9101);
    }

    [Theory]
    [InlineData("2m", 120)]
    [InlineData("90s", 90)]
    [InlineData("45", 45)]
    [InlineData("1h", 3600)]
    public void Durations_take_a_unit(string text, int seconds) =>
        Read(("BROKER_KMS_IMAGE_DOWNLOAD_TIMEOUT", text)).Options.ImageDownloadTimeout.TotalSeconds.ShouldBe(seconds);

    [Theory]
    [InlineData("BROKER_KMS_PORT", "65536", "port number")]
    [InlineData("BROKER_KMS_RPC_ADDRESS", "somewhere", "IP address")]
    [InlineData("BROKER_KMS_IMAGE_VERIFY", "yes", "true or false")]
    [InlineData("BROKER_KMS_AUTH_API_TYPE", "none", "webhook or dev")]
    [InlineData("BROKER_KMS_AUTH_API_WEBHOOK_URL", "file:///etc/passwd", "http")]
    [InlineData("BROKER_KMS_AUTH_API_WEBHOOK_TIMEOUT", "0s", "above zero")]
    [InlineData("BROKER_KMS_AUTH_API_WEBHOOK_TIMEOUT", "99999999999999h", "duration")]
    [InlineData("BROKER_KMS_AUTH_API_WEBHOOK_TIMEOUT", "s", "duration")]
    [InlineData("BROKER_KMS_ADMIN_TOKEN_HASH", "abc", "64 hex digits")]
    [InlineData("BROKER_KMS_IMAGE_ACPI_TABLES_PROGRAM", "./dstack-acpi-tables", "absolute path or a bare name")]
    [InlineData("BROKER_KMS_ATTESTATION_ROOT_CA_TDX", "/root.der", "INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS")]
    [InlineData("BROKER_KMS_ATTESTATION_ROOT_CA_SEV_SNP_TURIN", "/root.der", "INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS")]
    [InlineData("BROKER_KMS_SEV_SNP_MINIMUM_TCB_MILAN", "snp=256", "bootloader=4,snp=24,microcode=219")]
    [InlineData("BROKER_KMS_ADMIN_HTPASSWD_FILE", "/no/such/file", "readable file")]
    [InlineData("BROKER_KMS_ADMIN_HTPASSWD_FILE", "/etc/passwd", "by others")]
    [InlineData("BROKER_KMS_ADMIN_AUTH_TOKEN_FILE", "/etc/passwd", "by others")]
    [InlineData("BROKER_KMS_ONBOARD_HOSTS", "https://kms.example.test", "host names")]
    [InlineData("BROKER_KMS_COLLATERAL_MAX_AGE", "25h", "duration")]
    [InlineData("BROKER_KMS_ADMIN_AUTH_TOKEN_FILE", "/no/such/file", "readable file")]
    [InlineData("BROKER_KMS_ONBOARD_QUOTE_ENABLED", "false", "no key leaves without evidence")]
    [InlineData("BROKER_KMS_AGENT_ADDRESS", "/var/run/dstack.sock", "unix:/path")]
    [InlineData("DSTACK_AGENT_ADDRESS", "tcp://127.0.0.1", "unix:/path")]
    [InlineData("BROKER_KMS_ADMIN_ENABLED", "true", "BROKER_KMS_ADMIN_AUTH_TOKEN")]
    public void A_value_that_cannot_be_used_is_named_with_the_accepted_form(
        string variable, string value, string reason)
    {
        var (_, fault) = Read((variable, value));

        fault!.Variable.ShouldBe(variable);
        fault.Value.ShouldBe(value);
        fault.Reason.ShouldContain(reason);
    }

    [Theory]
    [InlineData("BROKER_KMS_ADMIN_AUTH_TOKEN")]
    [InlineData("DSTACK_KMS_ADMIN_TOKEN")]
    [InlineData("ADMIN_API_TOKEN")]
    public void A_token_that_could_be_guessed_is_refused_and_not_shown(string variable)
    {
        var (_, fault) = Read((variable, new string('t', 31)));

        fault!.Variable.ShouldBe(variable);
        fault.Value.ShouldBe("<secret>");
        fault.Reason.ShouldContain("at least 32 characters");
    }

    [Fact]
    public void A_file_of_secrets_is_for_its_owner_alone()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("token", new string('t', 32) + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Read(("BROKER_KMS_ADMIN_AUTH_TOKEN_FILE", file)).Fault!.Reason.ShouldContain("by others");

        File.SetUnixFileMode(file, UnixFileMode.UserRead);

        var (options, fault) = Read(("BROKER_KMS_ADMIN_AUTH_TOKEN_FILE", file));
        fault.ShouldBeNull();
        options.AdminAuthToken.Length.ShouldBe(32);
    }

    [Fact]
    public void The_names_of_dstack_for_token_and_agent_count_too()
    {
        var token = new string('t', 32);
        var (options, _) = Read(("ADMIN_API_TOKEN", $" {token} \n"), ("DSTACK_AGENT_ADDRESS", "unix:/a"));

        options.AdminAuthToken.ShouldBe(token);
        options.AgentAddress.ToString().ShouldBe("unix:/a");
    }

    [Fact]
    public void A_start_names_every_value_that_cannot_be_used()
    {
        var fail = Should.Throw<BootFailException>(() => KmsSettings.Read(Environment(
            ("BROKER_KMS_RPC_PORT", "http"), ("ADMIN_API_TOKEN", "short"), ("BROKER_KMS_IMAGE_VERIFY", "maybe"))));

        fail.Line.Split('\n').ShouldBe(
        [
            "BOOT_FAIL: BROKER_KMS_RPC_PORT=\"http\": could not be parsed as a port number; see README#kms",
            "BOOT_FAIL: BROKER_KMS_IMAGE_VERIFY=\"maybe\": must be true or false; see README#kms",
            "BOOT_FAIL: ADMIN_API_TOKEN=\"<secret>\": must have at least 32 characters; make one with: "
            + "openssl rand -hex 32; see README#kms",
        ]);
    }

    private static (KmsOptions Options, BootFault? Fault) Read(params (string Name, string Value)[] variables)
    {
        try
        {
            return (KmsSettings.Read(Environment(variables)), null);
        }
        catch (BootFailException fail)
        {
            return (new KmsOptions(), fail.Faults[0]);
        }
    }

    private static BootEnvironment Environment(params (string Name, string Value)[] variables) =>
        new(variables.ToDictionary(one => one.Name, one => one.Value));
}
