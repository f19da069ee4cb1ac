using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>What an operator sees of a start that must not be: all of it at once, and no secret.</summary>
public sealed class WholeStartTests
{
    [Fact]
    public async Task A_start_with_nothing_names_everything_that_is_missing_and_the_way_of_a_laptop()
    {
        var ended = await BrokerProcess.RunAsync([]);

        ended.ExitCode.ShouldBe(1);
        Variables(ended).ShouldBe(
        [
            "BROKER_OIDC_ISSUER", "BROKER_DATA_ROLE_ARN", "BROKER_OIDC_KEYPAIR_PATH", "BROKER_SESSION_KEYPAIR_PATH",
            "BROKER_LEDGER_KEY_PATH",
        ]);
        ended.BootFailures.ShouldAllBe(line => line.Contains("BROKER_DEV_MODE=true", StringComparison.Ordinal));
        ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(ended.BootFailures);
        ended.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Bad_values_of_both_modules_are_told_beside_what_is_missing()
    {
        var ended = await BrokerProcess.RunAsync(
            [
                ("BROKER_MODULES", "broker,kms"), ("BROKER_AWS_REGION", "a b"), ("BROKER_DATA_BUCKET", "a..b"),
                ("BROKER_DATA_DIR", "/etc/passwd"), ("BROKER_VAULT_ROLE_ARN", "arn:aws:iam::123:role/x"),
                ("BROKER_KMS_RPC_PORT", "http"), ("BROKER_KMS_IMAGE_VERIFY", "maybe"),
                ("BROKER_OPERATOR_TOKEN_FILE", "/no/such/token"),
            ],
            "--init");

        ended.ExitCode.ShouldBe(1);
        Variables(ended).ShouldBe(
            [
                "BROKER_OIDC_ISSUER", "BROKER_DATA_ROLE_ARN", "BROKER_AWS_REGION", "BROKER_DATA_BUCKET",
                "BROKER_VAULT_ROLE_ARN", "BROKER_KMS_RPC_PORT", "BROKER_KMS_IMAGE_VERIFY", "BROKER_DATA_DIR",
                "BROKER_OPERATOR_TOKEN_FILE",
            ],
            ignoreOrder: true);
        ended.BootFailures[0].ShouldStartWith("BOOT_FAIL: BROKER_OIDC_ISSUER=");
    }

    [Theory]
    [InlineData("BROKER_BACKEND_URL", "https://user:pass-word@backend.example.test/?token=query-secret#frag-secret")]
    [InlineData("BROKER_BACKEND_URL", "user:pass-word@backend.example.test?token=query-secret")]
    [InlineData("BROKER_BACKEND_URL", "https://user:pass-word/with@slash@backend.example.test")]
    [InlineData("BROKER_OIDC_ISSUER", "https://user:pass-word@broker.example.test")]
    [InlineData("AWS_ENDPOINT_URL", "https://user:pass-word@sts.example.test")]
    [InlineData("AWS_ENDPOINT_URL_S3", "https://s3.example.test/?token=query-secret")]
    [InlineData("BROKER_LEDGER_WITNESSES", "https://a.example/,https://user:pass-word@w.example.test/|no-vkey")]
    [InlineData("BROKER_DATA_BUCKET", "https://user:pass-word@bucket.example.test/?token=query-secret")]
    [InlineData("BROKER_KMS_PCCS_URL", "ftp://user:pass-word@pccs.example.test/?token=query-secret")]
    [InlineData("BROKER_KMS_AUTH_API_WEBHOOK_URL", "user:pass-word@auth.example.test?token=query-secret")]
    [InlineData("BROKER_KMS_ADMIN_AUTH_TOKEN", "pass-word")]
    [InlineData("ADMIN_API_TOKEN", "pass-word")]
    [InlineData("DAEMON_SECRET_ACCESS_KEY", "pass-word with a space")]
    public async Task No_secret_of_a_bad_value_is_printed(string name, string value)
    {
        var ended = await BrokerProcess.RunAsync(
            BrokerProcess.Settings(("BROKER_MODULES", "broker,kms"), (name, value)), "--init");

        ended.ExitCode.ShouldBe(1);
        ended.BootFailures.ShouldContain(line => line.StartsWith($"BOOT_FAIL: {name}=", StringComparison.Ordinal));
        foreach (var secret in (string[])["pass-word", "query-secret", "frag-secret", "user"])
            ended.Errors.ShouldNotContain(secret + "@");
        ended.Errors.ShouldNotContain("pass-word");
        ended.Errors.ShouldNotContain("query-secret");
    }

    [Theory]
    [InlineData("/no/such/folder/session.pem")]
    [InlineData("/etc")]
    [InlineData("/etc/passwd/session.pem")]
    public async Task A_path_that_the_session_key_cannot_be_exported_to_is_one_line(string path)
    {
        var ended = await BrokerProcess.RunAsync(
            BrokerProcess.Settings(), "--init", "--export-session-pubkey-to", path);

        ended.ExitCode.ShouldBe(1);
        ended.Errors.ShouldMatch(
            $"\\ABOOT_FAIL: --export-session-pubkey-to=\"{Regex.Escape(path)}\": .*; see README#session-keypair\n\\z");
    }

    [Fact]
    public async Task An_s3_anchor_without_credentials_is_one_line()
    {
        var ended = await BrokerProcess.RunAsync(
            BrokerProcess.Settings(
                ("BROKER_AUDIT_ANCHORS", "sqlite,s3"), ("BROKER_AUDIT_S3_BUCKET", "bucket"),
                ("AWS_ENDPOINT_URL_S3", Peers.DeadUrl), ("AWS_EC2_METADATA_DISABLED", "true")),
            "--init");

        ended.ExitCode.ShouldBe(1);
        ended.BootFailures.ShouldHaveSingleItem().ShouldStartWith("BOOT_FAIL: BROKER_AUDIT_");
        ended.Errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task An_address_of_another_machine_is_blamed_on_the_address()
    {
        var ended = await BrokerProcess.RunAsync(
            BrokerProcess.Settings(("BROKER_BIND", "198.51.100.1")), "--init");

        ended.ExitCode.ShouldBe(1);
        ended.BootFailures.ShouldHaveSingleItem()
            .ShouldStartWith("BOOT_FAIL: BROKER_BIND=\"198.51.100.1\": is not an address of this machine");
        ended.Errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_kms_names_its_taken_port_and_the_settings_that_have_no_effect()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var folder = new TemporaryFolder();

        var ended = await BrokerProcess.RunAsync(
            [
                ("BROKER_MODULES", "kms"), ("BROKER_KMS_CERT_DIR", folder.File("certs")),
                ("BROKER_KMS_ONBOARD_ADDRESS", "127.0.0.1"), ("BROKER_KMS_ONBOARD_PORT", $"{port}"),
                ("BROKER_KMS_SEV_SNP_KEY_RELEASE", "true"), ("BROKER_KMS_AWS_NITRO_TPM_KEY_RELEASE", "true"),
                ("BROKER_KMS_ATTESTATION_ROOT_CA_GCP_TPM", "/tpm.pem"),
            ],
            "--init");

        ended.ExitCode.ShouldBe(1);
        ended.BootFailures.ShouldHaveSingleItem().ShouldStartWith($"BOOT_FAIL: BROKER_KMS_ONBOARD_PORT=\"{port}\": ");
        foreach (var name in (string[])["AWS_NITRO_TPM_KEY_RELEASE", "ATTESTATION_ROOT_CA_GCP_TPM"])
            ended.Errors.ShouldContain($"BROKER_KMS_{name} is set and without effect");
        ended.Errors.ShouldNotContain("SEV_SNP_KEY_RELEASE is set and without effect");
        ended.Errors.ShouldContain("BROKER_KMS_SEV_SNP_CHECK_REVOCATION is false");
    }

    [Fact]
    public void Every_anchor_that_a_line_names_is_in_the_README()
    {
        var readme = File.ReadAllText(Path.Combine(Fixtures.RepositoryRoot, "README.md"));
        foreach (var anchor in BrokerModules.Settings.Select(one => one.Anchor).Concat(["kms", "kms-authorizer"]).Distinct())
            readme.ShouldContain($"<a id=\"{anchor}\"></a>");
    }

    [Fact]
    public void The_example_environment_gives_the_form_of_every_setting_of_every_program()
    {
        var lines = EnvironmentExample.Print(BrokerModules.All).Split('\n');
        for (var i = 1; i < lines.Length; i++)
        {
            if (Regex.IsMatch(lines[i], "^#[A-Z0-9_]+=")) About(lines, i).ShouldContain("Form: ", customMessage: lines[i]);
        }

        lines.ShouldContain(line => line.StartsWith("#BROKER_KMS_AUTH_ETH_TIMEOUT=", StringComparison.Ordinal));
    }

    /// <summary>The comment above a line, up to the empty line before it.</summary>
    private static string About(string[] lines, int line) =>
        string.Join(' ', lines[..line].Reverse().TakeWhile(one => one.Length > 0).Reverse());

    private static string[] Variables(Ended ended) =>
        [.. ended.BootFailures.Select(line => line["BOOT_FAIL: ".Length..line.IndexOf('=', StringComparison.Ordinal)])];
}
