using Broker.Aws;
using Broker.AwsAccount;
using Broker.Identity;
using Broker.Issuer;
using Broker.Roles;
using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>What settings take and what they do not, with the words that the operator reads.</summary>
public sealed class SettingFormTests
{
    private static readonly (string Name, string Value)[] Required =
        [("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole)];

    [Theory]
    [InlineData(
        "BROKER_OIDC_JWT_TTL_SECONDS", "3601", "BROKER_OIDC_JWT_TTL_SECONDS must be between 60 and 3600, got 3601")]
    [InlineData(
        "BROKER_SESSION_DURATION_SECONDS", "43201",
        "BROKER_SESSION_DURATION_SECONDS must be between 900 and 43200, got 43201")]
    [InlineData(
        "BROKER_SESSION_JWT_TTL_SECONDS", "59", "BROKER_SESSION_JWT_TTL_SECONDS must be between 60 and 86400, got 59")]
    [InlineData("BROKER_PORT", "80.5", "could not be parsed")]
    [InlineData("BROKER_PORT", "0x1f", "could not be parsed")]
    [InlineData("BROKER_PORT", " 80", "could not be parsed")]
    [InlineData("BROKER_PORT", "99999999999999999999", "could not be parsed")]
    [InlineData("BROKER_PORT", "-1", "must be between 0 and 65535, got -1")]
    [InlineData("BROKER_BIND", "127.0.0.1:8091", "must be an IP address")]
    [InlineData("BROKER_DEV_MODE", "TRUE", "must be true or false")]
    [InlineData("BROKER_BACKEND_URL", "http://user:pass@backend", "without user, query or fragment")]
    [InlineData("BROKER_BACKEND_URL", "http://backend/?q=1", "without user, query or fragment")]
    [InlineData("BROKER_BACKEND_URL", "file:///etc/passwd", "must be an http:// or https:// address")]
    [InlineData("BROKER_DATA_ROLE_ARN", "arn:aws:iam::123456789012:role/", "must be a role ARN")]
    [InlineData("BROKER_DATA_ROLE_ARN", "arn:AWS:iam::123456789012:role/x", "must be a role ARN")]
    [InlineData("AGENTKEYS_CLIENT_ID", "it's", "without white space or quotes")]
    [InlineData("AGENTKEYS_CLIENT_ID", "", "is set but empty")]
    [InlineData("AGENTKEYS_CLIENT_ID", "acme|prod", "percent-encoded it is acme%7Cprod")]
    [InlineData("AGENTKEYS_CLIENT_ID", "büro", "percent-encoded it is b%C3%BCro")]
    [InlineData("AGENTKEYS_CLIENT_ID", "100%", "percent-encoded it is 100%25")]
    [InlineData("AGENTKEYS_CLIENT_ID", "acme<1>", "percent-encoded it is acme%3C1%3E")]
    [InlineData("AGENTKEYS_CLIENT_ID", "a#b#c", "would make every sign-in message invalid")]
    [InlineData("AGENTKEYS_CLIENT_ID", "a[1]", "would make every sign-in message invalid")]
    [InlineData("BROKER_OIDC_ISSUER", "https://bücher.example", "it is https://xn--bcher-kva.example")]
    [InlineData("BROKER_OIDC_ISSUER", "https://broker.example/é", "it is https://broker.example/%C3%A9")]
    [InlineData("BROKER_AUTH_METHODS", ",", "names no way to sign in")]
    [InlineData("BROKER_LOG_LEVEL", "INFO", "must be one of trace, debug, info, warn, error")]
    public void Refuses_a_value_and_says_why(string name, string value, string why)
    {
        var line = BootFailure.OfSettings([.. Required.Where(one => one.Name != name), (name, value)]);

        var shown = value.Split('?')[0].Replace("user:pass@", "", StringComparison.Ordinal);
        line.ShouldStartWith($"BOOT_FAIL: {name}=\"{shown}\": ");
        line.ShouldContain(why);
        line.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("broker.example.test", "must start with https:// (a bare host name is not an issuer)")]
    [InlineData("https://broker.example.test/", "must not end in a slash: AWS compares it byte for byte")]
    [InlineData("http://broker.example.test", "must be https (http only with BROKER_DEV_MODE=true)")]
    [InlineData("https://broker.example.test?x=1", "without user, query or fragment")]
    [InlineData("https://broker.example.test#x", "without user, query or fragment")]
    [InlineData("https://", "")]
    [InlineData("https://bröker .example", "")]
    [InlineData("HTTPS://broker.example.test", "must start with https://")]
    public void Refuses_an_issuer_that_aws_could_not_match(string issuer, string why)
    {
        var line = BootFailure.OfSettings(("BROKER_OIDC_ISSUER", issuer), ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole));

        line.ShouldStartWith($"BOOT_FAIL: BROKER_OIDC_ISSUER=\"{issuer.Split('?', '#')[0]}\": ");
        line.ShouldContain(why);
        line.ShouldEndWith("; see README#oidc-issuer");
    }

    [Theory]
    [InlineData("AGENTKEYS_CLIENT_ID", "acme%7Cprod")]
    [InlineData("AGENTKEYS_CLIENT_ID", "acme/prod:1@x~!$&()*+,;=")]
    [InlineData("BROKER_OIDC_ISSUER", "https://xn--bcher-kva.example")]
    public void Takes_what_may_stand_in_a_sign_in_message(string name, string value)
    {
        var start = BootOptions.Of([.. Required.Where(one => one.Name != name), (name, value)]);

        new[] { start.Get<IdentityOptions>().ClientId, start.Get<IssuerOptions>().Issuer }.ShouldContain(value);
    }

    /// <summary>Names and keys that S3 allows; digits alone and short forms are no addresses to it.</summary>
    [Theory]
    [InlineData("BROKER_AUDIT_S3_BUCKET", "123456789012")]
    [InlineData("BROKER_AUDIT_S3_BUCKET", "1.2")]
    [InlineData("BROKER_AUDIT_S3_BUCKET", "1.2.3")]
    [InlineData("BROKER_AUDIT_S3_BUCKET", "0x7f")]
    [InlineData("BROKER_AUDIT_S3_BUCKET", "audit--logs.example.test")]
    [InlineData("BROKER_AUDIT_S3_BUCKET", "my-xn--name")]
    [InlineData("BROKER_AUDIT_S3_PREFIX", "env=prod/broker-1/")]
    [InlineData("BROKER_AUDIT_S3_PREFIX", "..a/b../")]
    [InlineData("BROKER_AUDIT_S3_RETENTION_DAYS", "36500")]
    [InlineData("BROKER_AWS_REGION", "RegionOne")]
    [InlineData("AWS_ENDPOINT_URL_S3", "https://s3.example.test:9000/path")]
    [InlineData("AWS_ENDPOINT_URL_S3", "http://[::1]:9000")]
    [InlineData("BROKER_BACKEND_URL", "http://backend.example.test/a@b/")]
    [InlineData("BROKER_OIDC_JWT_TTL_SECONDS", "5m")]
    [InlineData("BROKER_SESSION_JWT_TTL_SECONDS", "5h")]
    [InlineData("BROKER_METRICS_ENABLED", "1")]
    public void Takes_what_the_form_allows(string name, string value) =>
        Should.NotThrow(() => BootOptions.Of([.. Required, (name, value)]));

    [Fact]
    public void Needs_an_issuer_outside_development_mode() =>
        BootFailure.OfSettings(("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole))
            .ShouldBe(
                "BOOT_FAIL: BROKER_OIDC_ISSUER=\"\": missing required variable: "
                + "the issuer URL as registered with AWS IAM (on a laptop BROKER_DEV_MODE=true needs none); "
                + "see README#oidc-issuer");

    [Fact]
    public void Takes_the_local_address_as_issuer_in_development_mode() =>
        BootOptions.Of(("BROKER_DEV_MODE", "true"), ("BROKER_PORT", "9000")).Get<IssuerOptions>().Issuer
            .ShouldBe("http://127.0.0.1:9000");

    [Fact]
    public void Needs_a_data_role_and_names_every_way_to_give_one() =>
        BootFailure.OfSettings(("BROKER_OIDC_ISSUER", BrokerApp.Issuer))
            .ShouldContain(
                "missing required env var: set BROKER_DATA_ROLE_ARN explicitly "
                + "(legacy: BROKER_AGENT_ROLE_ARN), or set ACCOUNT_ID");

    [Theory]
    [InlineData("DAEMON_ACCESS_KEY_ID")]
    [InlineData("DAEMON_SECRET_ACCESS_KEY")]
    [InlineData("BROKER_DAEMON_ACCESS_KEY_ID")]
    [InlineData("BROKER_DAEMON_SECRET_ACCESS_KEY")]
    public void Refuses_half_a_pair_of_static_keys(string only)
    {
        var line = BootFailure.OfSettings([.. Required, (only, "half-of-a-pair")]);

        line.ShouldContain(
            "DAEMON_ACCESS_KEY_ID and DAEMON_SECRET_ACCESS_KEY must be set together "
            + "(or both unset to use the AWS SDK default credential chain via AWS_PROFILE).");
        line.ShouldNotContain("half-of-a-pair");
    }

    [Theory]
    [InlineData("DAEMON_ACCESS_KEY_ID", "DAEMON_SECRET_ACCESS_KEY")]
    [InlineData("BROKER_DAEMON_ACCESS_KEY_ID", "BROKER_DAEMON_SECRET_ACCESS_KEY")]
    [InlineData("BROKER_DAEMON_ACCESS_KEY_ID", "DAEMON_SECRET_ACCESS_KEY")]
    public void Takes_a_pair_of_static_keys_under_either_name_and_assumes_roles_with_them(string id, string secret)
    {
        var start = BootOptions.Of([.. Required, (id, "AKIAEXAMPLE"), (secret, "s3cret")]);

        var keys = start.Get<AwsAccountOptions>().Keys;
        keys!.AccessKeyId.ShouldBe("AKIAEXAMPLE");
        keys.SecretAccessKey.ShouldBe("s3cret");
        start.Get<AwsOptions>().Mode.ShouldBe(Broker.Aws.StsMode.AssumeRole);
    }

    [Fact]
    public void Prefers_a_settings_own_name_to_its_aliases_and_an_empty_value_counts_as_unset()
    {
        static string Region(params (string, string)[] more) =>
            BootOptions.Of([.. Required, .. more]).Get<AwsAccountOptions>().Region;

        Region(("BROKER_AWS_REGION", "eu-west-1"), ("REGION", "us-west-2")).ShouldBe("eu-west-1");
        Region(("BROKER_AWS_REGION", ""), ("REGION", "us-west-2")).ShouldBe("us-west-2");
        Region(("AWS_REGION", "ap-south-1")).ShouldBe("ap-south-1");
        Region().ShouldBe("us-east-1");
    }

    [Theory]
    [InlineData("BROKER_AGENT_ROLE_ARN", "data")]
    [InlineData("MEMORY_ROLE_ARN", "memory")]
    public void Reads_a_role_from_its_old_name(string alias, string role)
    {
        var roles = BootOptions.Of(
            ("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("ACCOUNT_ID", "210987654321"),
            (alias, "arn:aws:iam::123456789012:role/of-old")).Get<RoleCatalogue>();

        roles.Find(role)!.Arn.Text.ShouldBe("arn:aws:iam::123456789012:role/of-old");
    }

    [Theory]
    [InlineData("arn:aws-cn:iam::123456789012:role/x")]
    [InlineData("arn:aws-us-gov:iam::123456789012:role/path/to/x")]
    [InlineData("arn:aws:iam:::role/radosgw")]
    public void Takes_role_arns_of_any_partition_and_without_an_account(string arn) =>
        BootOptions.Of(("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("BROKER_DATA_ROLE_ARN", arn))
            .Get<RoleCatalogue>().Find(arn)!.Name.ShouldBe("data");

    [Fact]
    public void A_bad_alias_is_named_as_the_operator_wrote_it() =>
        BootFailure.OfSettings([Required[0], ("BROKER_AGENT_ROLE_ARN", "nonsense")])
            .ShouldStartWith("BOOT_FAIL: BROKER_AGENT_ROLE_ARN=\"nonsense\": ");

    [Fact]
    public void Own_prefix_needs_the_bucket_of_every_role() =>
        BootFailure.OfSettings([.. Required, ("BROKER_SESSION_POLICY", "own_prefix")])
            .ShouldBe(
                "BOOT_FAIL: BROKER_DATA_BUCKET=\"\": must name the bucket of BROKER_DATA_ROLE_ARN where "
                + "BROKER_SESSION_POLICY=own_prefix; see README#session-policy");
}
