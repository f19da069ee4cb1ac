using System.Text.RegularExpressions;
using Broker.Roles;
using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>Every setting of the broker with a value that it does not take, tried on the real process.</summary>
public sealed class BadStarts : IAsyncLifetime
{
    /// <summary>One bad value per setting; the further ones are in <see cref="SettingFormTests"/>.</summary>
    public static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["BROKER_MODULES"] = "broker,moon",
        ["BROKER_SIGNER_PORT"] = "70000",
        ["BROKER_SIGNING_KEYS"] = "hsm",
        ["BROKER_KEY_ROTATION"] = "oidc=1d",
        ["BROKER_SIGNER_MASTER"] = "vault",
        ["BROKER_INTROSPECTION_URL"] = "broker",
        ["DEV_KEY_SERVICE_MASTER_SECRET"] = "0x00",
        ["BROKER_BIND"] = "everywhere",
        ["BROKER_PORT"] = "65536",
        ["BROKER_DATA_DIR"] = "/tmp/two\nlines",
        ["BROKER_STATE_DB_PATH"] = "/tmp/two\nlines",
        ["BROKER_DEV_MODE"] = "yes",
        ["BROKER_REFUSE_TO_BOOT_STRICT"] = "2",
        ["BROKER_SHUTDOWN_GRACE_SECONDS"] = "601",
        ["BROKER_MAX_UPTIME_SECONDS"] = "-1",
        ["BROKER_REQUEST_BODY_LIMIT_BYTES"] = "1023",
        ["BROKER_METRICS_ENABLED"] = "True",
        ["BROKER_LOG_LEVEL"] = "loud",
        ["BROKER_LOG_FORMAT"] = "xml",
        ["AGENTKEYS_CLIENT_ID"] = "two words",
        ["BROKER_OIDC_ISSUER"] = "https://broker.example.test/",
        ["BROKER_OIDC_KEYPAIR_PATH"] = "/tmp/two\nlines",
        ["BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS"] = "/no/such/file.json",
        ["BROKER_OIDC_RS256_KEYPAIR_PATH"] = "/tmp/two\nlines",
        ["BROKER_OIDC_RS256_PUBLISHED_KEYPAIR_PATHS"] = "/no/such/file.json",
        ["BROKER_OIDC_AUDIENCES"] = "https://relying.example.test=HS256",
        ["BROKER_OIDC_JWT_TTL_SECONDS"] = "59",
        ["BROKER_OIDC_SOURCE_IDENTITY"] = "TRUE",
        ["BROKER_OAUTH_CLIENTS_FILE"] = "/no/such/clients.json",
        ["BROKER_FOREIGN_ISSUERS_FILE"] = "/no/such/issuers.json",
        ["BROKER_SESSION_KEYPAIR_PATH"] = "/tmp/two\nlines",
        ["BROKER_SESSION_PUBKEY_PATH"] = "/tmp/two\nlines",
        ["BROKER_SESSION_JWT_TTL_SECONDS"] = "86401",
        ["BROKER_AUTH_METHODS"] = "wallet_sig,carrier_pigeon",
        ["BROKER_EMAIL_FROM_ADDRESS"] = "nobody",
        ["BROKER_EMAIL_SENDER"] = "pigeon",
        ["BROKER_EMAIL_TIMEOUT_SECONDS"] = "61",
        ["BROKER_SMTP_HOST"] = "mail.example.test:25",
        ["BROKER_SMTP_PORT"] = "0",
        ["BROKER_SMTP_USERNAME"] = "two\nlines",
        ["BROKER_SMTP_PASSWORD_FILE"] = "/no/such/password",
        ["AWS_ENDPOINT_URL_SESV2"] = "ses.example.test",
        ["BROKER_SES_CONFIGURATION_SET"] = "two words",
        ["BROKER_SES_FEEDBACK_ADDRESS"] = "a@b@c",
        ["BROKER_EMAIL_FEEDBACK_QUEUE_URL"] = "sqs.example.test/queue",
        ["BROKER_EMAIL_LANDING_URL_BASE"] = "broker.example.test",
        ["BROKER_EMAIL_SUCCESS_REDIRECT_URL"] = "/done",
        ["BROKER_EMAIL_RATE_LIMIT_PER_EMAIL_HOURLY"] = "-1",
        ["BROKER_EMAIL_RATE_LIMIT_PER_IP_MINUTELY"] = "many",
        ["BROKER_EMAIL_RATE_LIMIT_TOTAL_MINUTELY"] = "1000000001",
        ["BROKER_WALLET_PROVISIONER"] = "server_keystore",
        ["BROKER_WALLET_CHALLENGE_TTL_SECONDS"] = "3601",
        ["BROKER_NTP_MAX_SKEW_SECONDS"] = "301",
        ["BROKER_RATE_LIMIT_CHANGES_PER_HOUR_PER_OMNI"] = "-1",
        ["BROKER_REQUIRE_EXPLICIT_GRANT"] = "maybe",
        ["BROKER_RATE_LIMIT_LOOKUPS_PER_HOUR_PER_IP"] = "many",
        ["BROKER_ISSUER_EVIDENCE_MAX_AGE"] = "25h",
        ["BROKER_RATE_LIMIT_EVIDENCE_PER_HOUR_PER_IP"] = "many",
        ["BROKER_RATE_LIMIT_PAIRINGS_PER_HOUR_PER_IP"] = "1.5",
        ["BROKER_CAPABILITY_GATES"] = "moon",
        ["BROKER_CAPABILITY_STATIC_PATH"] = "/no/such/gates.json",
        ["BROKER_CAPABILITY_REQUIRE_PROOF"] = "never",
        ["AGENTKEYS_WORKER_REQUIRE_CAP_POP"] = "yes",
        ["AGENTKEYS_WORKER_REQUIRE_STS"] = "yes",
        ["AGENTKEYS_WORKER_KEK_HEX"] = "a-secret-that-must-not-be-shown",
        ["AGENTKEYS_MEMORY_KEK_HEX"] = "a-secret-that-must-not-be-shown",
        ["AGENTKEYS_CONFIG_KEK_HEX"] = "a-secret-that-must-not-be-shown",
        ["BROKER_CRED_PORT"] = "65536",
        ["BROKER_MEMORY_PORT"] = "-1",
        ["BROKER_CONFIG_PORT"] = "http",
        ["BROKER_AUDIT_PORT"] = "65536",
        ["BROKER_EMAIL_PORT"] = "65536",
        ["BROKER_CLASSIFY_PORT"] = "65536",
        ["BROKER_CLASSIFY_CATALOG_PATH"] = "/no/such/catalog.json",
        ["BROKER_MAIL_DOMAIN"] = "Bots.example.test",
        ["BROKER_DATA_KEK"] = "hsm",
        ["BROKER_DATA_TIMEOUT_SECONDS"] = "61",
        ["BROKER_RATE_LIMIT_DATA_PER_MINUTE_PER_OMNI"] = "-1",
        ["AGENTKEYS_CHAIN"] = "two words",
        ["AGENTKEYS_CHAIN_RPC_HTTP"] = "ftp://a-secret-that-must-not-be-shown.example.test",
        ["SIDECAR_REGISTRY_ADDRESS_HEIMA"] = "0x12",
        ["SCOPE_CONTRACT_ADDRESS_HEIMA"] = "0x12",
        ["K3_EPOCH_COUNTER_ADDRESS_HEIMA"] = "0x12",
        ["BROKER_RATE_LIMIT_PAIRING_POLLS_PER_HOUR_PER_IP"] = "1000000001",
        ["BROKER_BACKEND_URL"] = "localhost:8090",
        ["BROKER_BACKEND_TIMEOUT_SECONDS"] = "soon",
        ["BROKER_AUDIT_DB_PATH"] = "/proc/version/audit.sqlite",
        ["BROKER_LEDGER_KEY_PATH"] = "/tmp/two\nlines",
        ["BROKER_LEDGER_QUEUE_CAPACITY"] = "0",
        ["BROKER_LEDGER_TIMEOUT_SECONDS"] = "61",
        ["BROKER_AUDIT_ANCHORS"] = "sqlite,stone",
        ["BROKER_AUDIT_POLICY"] = "dual_lenient",
        ["BROKER_AUDIT_S3_BUCKET"] = "Bucket",
        ["BROKER_AUDIT_S3_PREFIX"] = "no-slash",
        ["BROKER_AUDIT_S3_RETENTION_DAYS"] = "0",
        ["BROKER_AUDIT_S3_ARCHIVE_SECONDS"] = "604801",
        ["AWS_ENDPOINT_URL_S3"] = "s3.example.test",
        ["BROKER_LEDGER_WITNESSES"] = "https://witness.example.test",
        ["BROKER_OPERATOR_TOKEN_FILE"] = "/no/such/token",
        ["BROKER_DATA_ROLE_ARN"] = "agentkeys-data-role",
        ["ACCOUNT_ID"] = "12345678901",
        ["BROKER_VAULT_ROLE_ARN"] = "arn:aws:iam::123456789012:user/vault",
        ["BROKER_MEMORY_ROLE_ARN"] = "arn:aws:s3:::bucket",
        ["BROKER_CONFIG_ROLE_ARN"] = "arn:aws:iam::123456789012:role/with space",
        ["BROKER_DATA_BUCKET"] = "UPPER",
        ["BROKER_VAULT_BUCKET"] = "ab",
        ["BROKER_MEMORY_BUCKET"] = "under_score",
        ["BROKER_CONFIG_BUCKET"] = "slash/ed",
        ["BROKER_SESSION_POLICY"] = "wide_open",
        ["BROKER_ROLES_PATH"] = "/no/such/roles.json",
        ["BROKER_SESSION_DURATION_SECONDS"] = "899",
        ["BROKER_STS_MODE"] = "assume_anything",
        ["BROKER_AWS_REGION"] = "a-region-name-of-more-than-thirty-two-characters",
        ["AWS_ENDPOINT_URL_STS"] = "ftp://sts.example.test",
        ["BROKER_STS_TIMEOUT_SECONDS"] = "0",
        ["BROKER_STS_MAX_CONCURRENCY"] = "1025",
        ["BROKER_INBOX_MESSAGE_LIMIT_BYTES"] = "4095",
        ["BROKER_INBOX_TIMEOUT_SECONDS"] = "61",
        ["DAEMON_ACCESS_KEY_ID"] = "AKIA\u0001",
        ["DAEMON_SECRET_ACCESS_KEY"] = "a-secret-that-must-not-be-shown\u0001",
        ["BROKER_REQUIRE_SIGNED_MINT"] = "on",
        ["BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI"] = "-1",
        ["BROKER_RATE_LIMIT_CHALLENGES_PER_HOUR_PER_IP"] = "many",
        ["BROKER_PASSKEY_RP_ID"] = "192.0.2.1",
        ["BROKER_PASSKEY_ORIGINS"] = "https://elsewhere.example.test",
        ["BROKER_PASSKEY_RATE_LIMIT_PER_IP_MINUTELY"] = "-1",
        ["BROKER_OAUTH2_PROVIDERS"] = "github",
        ["BROKER_OAUTH2_REDIRECT_URI"] = "https://broker.example.test/elsewhere",
        ["BROKER_OAUTH2_GOOGLE_ISSUER"] = "accounts.google.com",
        ["BROKER_OAUTH2_GOOGLE_CLIENT_ID"] = new string('x', 257),
        ["BROKER_OAUTH2_GOOGLE_CLIENT_SECRET_FILE"] = "/no/such/secret",
        ["BROKER_OAUTH2_OIDC_ISSUER"] = "ftp://provider.example.test",
        ["BROKER_OAUTH2_OIDC_CLIENT_ID"] = new string('x', 257),
        ["BROKER_OAUTH2_OIDC_CLIENT_SECRET_FILE"] = "/no/such/secret",
        ["BROKER_OAUTH2_STATE_HMAC_KEY_PATH"] = "/no/such/key",
        ["BROKER_OAUTH2_JWKS_TTL_SECONDS"] = "299",
        ["BROKER_OAUTH2_START_RATE_LIMIT_PER_IP_MINUTELY"] = "-1",
        ["BROKER_REFUSALS_PER_MINUTE_PER_SOURCE"] = "0",
        ["BROKER_REFUSALS_PER_MINUTE"] = "none",
        ["BROKER_DISK_RESERVE_MIB"] = "-1",
    };

    private readonly Dictionary<string, Ended> _ends = new(StringComparer.Ordinal);

    public Ended this[string name] => _ends[name];

    public Task InitializeAsync() => Parallel.ForEachAsync(
        Values, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
        async (bad, _) =>
        {
            // Where the account is what names the role, the role's own variable must be out of the way.
            var settings = BrokerProcess.Settings((bad.Key, bad.Value))
                .Where(one => bad.Key != "ACCOUNT_ID" || one.Name != "BROKER_DATA_ROLE_ARN");
            var ended = await BrokerProcess.RunAsync(settings, "--init");
            lock (_ends) _ends[bad.Key] = ended;
        });

    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>A bad value stops the start: one line that names it, exit code 1, nothing listens.</summary>
public sealed class SettingsTests(BadStarts starts) : IClassFixture<BadStarts>
{
    public static TheoryData<string> EverySetting => [.. BrokerModules.Settings.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(EverySetting))]
    public void A_bad_value_stops_the_start_with_its_line(string name)
    {
        BadStarts.Values.ContainsKey(name).ShouldBeTrue("every setting needs a bad value in the table");
        var setting = BrokerModules.Settings.Single(one => one.Name == name);
        var shown = setting.Secret ? "<secret>" : BadStarts.Values[name].Replace('\n', ' ').Replace('\u0001', ' ');

        var ended = starts[name];

        ended.ExitCode.ShouldBe(1, ended.Errors);
        var line = ended.BootFailures.ShouldHaveSingleItem();
        line.ShouldMatch($"^BOOT_FAIL: {name}=\"{Regex.Escape(shown)}\": .{{8,}}; see README#{setting.Anchor}$");
        ended.Errors.ShouldBe(line + "\n");
        ended.Errors.ShouldNotContain("a-secret-that-must-not-be-shown");
        ended.Output.ShouldBeEmpty();
    }

    [Fact]
    public void The_example_environment_is_what_the_program_prints() =>
        File.ReadAllText(Path.Combine(Fixtures.RepositoryRoot, "broker.env.example"))
            .ShouldBe(EnvironmentExample.Print(BrokerModules.All));

    [Fact]
    public void The_example_environment_names_every_setting_once_and_its_lines_are_short()
    {
        var lines = EnvironmentExample.Print(BrokerModules.All).Split('\n');
        foreach (var setting in BrokerModules.Settings)
            lines.Count(line => line.StartsWith($"#{setting.Name}=", StringComparison.Ordinal))
                .ShouldBe(1, setting.Name);
        lines.ShouldAllBe(line => line.Length <= 140 && !line.EndsWith(' '));
    }

    [Fact]
    public void Names_are_unique_and_no_alias_is_another_settings_name()
    {
        var names = BrokerModules.Settings.Select(one => one.Name).ToList();
        names.Distinct().Count().ShouldBe(names.Count);

        // One alias may serve two settings, as AWS_ENDPOINT_URL does for STS and S3, but never hide a third.
        BrokerModules.Settings.SelectMany(one => one.Aliases).Intersect(names).ShouldBeEmpty();
    }

    [Fact]
    public void Every_default_is_of_its_own_settings_form()
    {
        // A production start with nothing but what is required reads all of them.
        BootOptions.Of(("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("ACCOUNT_ID", "123456789012"))
            .Get<RoleCatalogue>().Find("data")!.Arn.Text.ShouldBe("arn:aws:iam::123456789012:role/agentkeys-data-role");
    }
}
