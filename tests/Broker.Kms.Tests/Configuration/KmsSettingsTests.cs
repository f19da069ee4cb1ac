using Broker.Kms.Configuration;

namespace Broker.Kms.Tests.Configuration;

public sealed class KmsSettingsTests
{
    [Fact]
    public void Names_follow_the_keys_of_kms_toml()
    {
        string Name(string key) => KmsSettings.All.Single(setting => setting.TomlKey == key).Name;

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
        var withDefault = KmsSettings.All
            .Where(setting => !setting.Default.StartsWith('<') && setting.Default.Length > 0);
        foreach (var setting in withDefault)
        {
            var (options, fault) = Read((setting.Name, setting.Default));
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
    [InlineData("BROKER_KMS_ATTESTATION_ROOT_CA_TDX", "/root.der", "INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS")]
    [InlineData("BROKER_KMS_ADMIN_HTPASSWD_FILE", "/etc/htpasswd", "BROKER_KMS_ADMIN_AUTH_TOKEN_FILE")]
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

    [Fact]
    public void The_names_of_dstack_for_token_and_agent_count_too()
    {
        var (options, _) = Read(("ADMIN_API_TOKEN", " t \n"), ("DSTACK_AGENT_ADDRESS", "unix:/a"));

        options.AdminAuthToken.ShouldBe("t");
        options.AgentAddress.ToString().ShouldBe("unix:/a");
    }

    private static (KmsOptions Options, KmsSettingFault? Fault) Read(params (string Name, string Value)[] variables) =>
        KmsSettings.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
