using Broker.Foundation.Settings;
using Broker.Kms.Configuration;
using Broker.KmsHosting;
using Broker.Modules;
using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>
/// Every setting of both catalogues, with bad values of each kind that its form allows, against the start of the house:
/// one line that names the variable, and no other exception. A new setting is in it without being named here.
/// </summary>
public sealed class EveryBadValueTests : IDisposable
{
    private static readonly string[] OfAddresses =
    [
        "https://host.example.test?", "https://host.example.test#", "https://@host.example.test",
        " https://host.example.test", "https://host.example.test\n", "https:\\\\host.example.test",
        "https://host.example.test/a b", "https://user:secret@host.example.test",
    ];

    private static readonly string[] OfMailboxes =
        ["nobody", "@example.test", "a@", "a b@example.test", "Name <a@example.test>", "a@example.test\n,b@c", "ä@b"];

    /// <summary>For settings whose form is of no general kind; added to those of the form.</summary>
    private static readonly Dictionary<string, string[]> OfTheirOwn = new(StringComparer.Ordinal)
    {
        ["BROKER_DATA_DIR"] = ["/etc/passwd", "/proc/nope"],
        ["BROKER_OIDC_KEYPAIR_PATH"] = ["/etc"],
        ["BROKER_OIDC_RS256_KEYPAIR_PATH"] = ["/etc"],
        ["BROKER_OIDC_AUDIENCES"] =
        [
            "a=none", "a=rs256", "=RS256", "a b", "é", "a,a=RS256", "sts.amazonaws.com", "agentkeys:broker",
            new string('a', 257),
        ],
        ["BROKER_SESSION_KEYPAIR_PATH"] = ["/etc"],
        ["BROKER_LEDGER_KEY_PATH"] = ["/etc"],
        ["BROKER_STATE_DB_PATH"] = ["/etc"],
        ["BROKER_AUDIT_DB_PATH"] = ["/etc"],
        ["BROKER_OPERATOR_TOKEN_FILE"] = ["/etc/passwd", "/etc"],
        ["BROKER_OAUTH_CLIENTS_FILE"] = ["/etc/passwd", "/etc", "/no/such/clients.json"],
        ["BROKER_FOREIGN_ISSUERS_FILE"] = ["/etc/passwd", "/etc", "/no/such/issuers.json"],
        ["BROKER_AUDIT_S3_PREFIX"] =
        [
            "no-slash", "/leading/", "a/../", "./", "a/./b/", "a b/", "a\\b/", "a%2F/", "a#b/", "pré/", "a\n/",
            new string('a', 256) + "/",
        ],
        ["BROKER_AUDIT_ANCHORS"] = ["s3", "s3,sqlite", "sqlite,sqlite", "sqlite,S3", "sqlite;s3"],
        ["BROKER_AUDIT_POLICY"] = ["strict", "Dual_Strict"],
        ["BROKER_LEDGER_WITNESSES"] =
        [
            // The type byte is 1: a key of a log, which signs no cosignatures (C2SP signed-note's own example).
            "https://w.example|example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "https://w.example", "https://w.example?a=b|w+00000000+BA==",
        ],
        ["BROKER_EMAIL_FROM_ADDRESS"] = OfMailboxes,
        ["BROKER_SES_FEEDBACK_ADDRESS"] = OfMailboxes,
        ["BROKER_EMAIL_FEEDBACK_QUEUE_URL"] = OfAddresses,
        ["BROKER_EMAIL_LANDING_URL_BASE"] = OfAddresses,
        ["BROKER_EMAIL_SUCCESS_REDIRECT_URL"] = OfAddresses,
        ["BROKER_SMTP_HOST"] = ["a b", "http://mail.example.test", "[::1", new string('a', 254)],
        ["BROKER_SES_CONFIGURATION_SET"] = ["a/b", new string('a', 65)],
        ["AWS_ENDPOINT_URL_SESV2"] = OfAddresses,
        ["AWS_ENDPOINT_URL_S3"] = OfAddresses,
        ["AWS_ENDPOINT_URL_STS"] = OfAddresses,
        ["BROKER_BACKEND_URL"] = OfAddresses,
        ["BROKER_KMS_CERT_DIR"] = ["/proc/nope", "/etc/passwd"],
        ["BROKER_KMS_IMAGE_CACHE_DIR"] = ["/proc/nope", "/etc/passwd"],
        ["BROKER_KMS_COLLATERAL_CACHE_DIR"] = ["/proc/nope", "/etc/passwd"],
        ["BROKER_KMS_IMAGE_ACPI_TABLES_PROGRAM"] = ["./dstack-acpi-tables", "/no/such/program", "/etc"],
        ["BROKER_KMS_ADMIN_AUTH_TOKEN"] = ["short"],
        ["BROKER_KMS_ADMIN_TOKEN_HASH"] = ["abc", new string('g', 64)],
        ["BROKER_KMS_AUTH_API_TYPE"] = ["none", "Webhook"],
        ["BROKER_KMS_ONBOARD_HOSTS"] = ["kms.example:8000", "two words"],
        ["BROKER_KMS_ONBOARD_QUOTE_ENABLED"] = ["false"],
        ["BROKER_KMS_ADMIN_ENABLED"] = ["true"],
    };

    /// <summary>Paths of the reference for machines that this KMS refuses; nobody opens them.</summary>
    private static readonly string[] Unopened = ["_ROOT_CA_GCP", "_ROOT_CA_AWS"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> EveryBrokerSetting => [.. BrokerModules.Settings.Select(one => one.Name)];

    public static TheoryData<string> EveryKmsSetting => [.. KmsSettings.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(EveryBrokerSetting))]
    public async Task A_broker_refuses_each_bad_value_of(string name)
    {
        var setting = BrokerModules.Settings.Single(one => one.Name == name);
        string[] values = [BadStarts.Values[name], .. BadValues.OfForm(setting.Form), .. Own(name)];
        foreach (var value in values)
        {
            // Where the account is what names the role, the role's own variable must be out of the way.
            var others = Required().Where(one => one.Name != name
                && (name != "ACCOUNT_ID" || one.Name != "BROKER_DATA_ROLE_ARN"));
            var line = await BootFailure.OfStartAsync(
                new StartupChoices(CreateMissingKeys: true), [.. others, (name, value)]);

            ShouldBlame(line, name, setting.Anchor, value);
        }
    }

    [Theory]
    [MemberData(nameof(EveryKmsSetting))]
    public void A_kms_refuses_each_bad_value_of(string name)
    {
        var form = KmsSettings.All.Single(one => one.Name == name).Form;
        var isUnopened = Array.Exists(Unopened, part => name.Contains(part, StringComparison.Ordinal));
        string[] values = [.. isUnopened ? BadValues.OfForm(form).Take(1) : BadValues.OfForm(form), .. Own(name)];
        values.ShouldNotBeEmpty("a setting needs a bad value: of its form, or of its own");
        foreach (var value in values) ShouldBlame(OfKms((name, value)), name, "kms", value);
    }

    [Fact]
    public void A_foreign_root_that_is_no_certificate_is_blamed_on_its_own_variable() => ShouldBlame(
        OfKms(
            ("BROKER_KMS_ATTESTATION_ROOT_CA_TDX", "/etc/passwd"),
            ("BROKER_KMS_ATTESTATION_INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS", "true")),
        "BROKER_KMS_ATTESTATION_ROOT_CA_TDX", "kms", "/etc/passwd");

    [Fact]
    public void Both_halves_of_a_server_certificate_are_needed_and_tried() => ShouldBlame(
        OfKms(("BROKER_KMS_RPC_TLS_KEY", "/etc/passwd"), ("BROKER_KMS_RPC_TLS_CERTS", "/etc/passwd")),
        "BROKER_KMS_RPC_TLS_CERTS", "kms", "/etc/passwd");

    [Theory]
    [InlineData("BROKER_KMS_ADMIN_AUTH_TOKEN_FILE")]
    [InlineData("BROKER_KMS_ADMIN_HTPASSWD_FILE")]
    public void A_secret_of_the_kms_that_others_can_read_is_refused(string name)
    {
        var path = _folder.File("secret");
        File.WriteAllText(path, new string('s', 40));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        OfKms((name, path)).ShouldContain("may be read or written by others");
    }

    [Theory]
    [InlineData("BROKER_AUDIT_ANCHORS", "sqlite,s3", "BROKER_AUDIT_S3_BUCKET")]
    [InlineData("BROKER_SESSION_POLICY", "own_prefix", "BROKER_DATA_BUCKET")]
    [InlineData("DAEMON_ACCESS_KEY_ID", "AKIAEXAMPLE", "DAEMON_SECRET_ACCESS_KEY")]
    [InlineData("BROKER_CAPABILITY_GATES", "static", "BROKER_CAPABILITY_STATIC_PATH")]
    public async Task A_contradiction_names_the_variable_that_would_solve_it(string name, string value, string blamed) =>
        (await BootFailure.OfStartAsync(
            new StartupChoices(CreateMissingKeys: true), [.. Required(), (name, value)]))
        .ShouldStartWith($"BOOT_FAIL: {blamed}=\"\": ");

    [Theory]
    [InlineData("one.sqlite")]
    [InlineData("one-index.sqlite")]
    public async Task One_file_for_the_state_and_the_ledger_or_its_index_is_refused(string state)
    {
        var path = _folder.File(state);

        (await BootFailure.OfStartAsync(
            new StartupChoices(CreateMissingKeys: true),
            [.. Required(), ("BROKER_AUDIT_DB_PATH", _folder.File("one.sqlite")), ("BROKER_STATE_DB_PATH", path)]))
            .ShouldStartWith($"BOOT_FAIL: BROKER_STATE_DB_PATH=\"{path}\": ");
    }

    private static string[] Own(string name) => OfTheirOwn.GetValueOrDefault(name) ?? [];

    private static void ShouldBlame(string line, string name, string anchor, string value)
    {
        line.ShouldStartWith($"BOOT_FAIL: {name}=\"", customMessage: value);
        line.ShouldEndWith($"; see README#{anchor}", customMessage: value);
        line.ShouldNotContain("\n");
    }

    private (string Name, string Value)[] Required() =>
    [
        ("BROKER_PORT", "0"), ("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole),
        // A folder of its own for each start: one that failed late still holds the ledger of the last.
        ("BROKER_DATA_DIR", _folder.File($"{Guid.NewGuid():n}")),
    ];

    private string OfKms(params (string Name, string Value)[] settings)
    {
        (string Name, string Value)[] needed =
        [
            ("BROKER_MODULES", "kms"), ("BROKER_DATA_DIR", _folder.Path),
            ("BROKER_KMS_CERT_DIR", _folder.File("certs")),
        ];
        var environment = BootFailure.Environment(
            [.. needed.Where(one => settings.All(other => other.Name != one.Name)), .. settings]);
        return Should.Throw<BootFailException>(() => KmsNode.Build(
            environment, new StartupChoices(CreateMissingKeys: true), TimeProvider.System).Dispose()).Line;
    }
}
