using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>What sign-in by mail needs to start, each by the variable that is to be changed.</summary>
public sealed class MailStartTests
{
    private static readonly (string Name, string Value)[] Production =
    [
        ("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole),
        ("BROKER_AUTH_METHODS", "email_link"), ("BROKER_EMAIL_FROM_ADDRESS", "noreply@agentkeys.test"),
        ("BROKER_EMAIL_SENDER", "smtp"), ("BROKER_SMTP_HOST", "mail.example.test"),
    ];

    [Fact]
    public void Everything_that_is_needed_is_enough() => BootOptions.Of(Production);

    [Theory]
    [InlineData("BROKER_EMAIL_FROM_ADDRESS", "", "BROKER_EMAIL_FROM_ADDRESS=\"\": missing required variable")]
    [InlineData("BROKER_EMAIL_SENDER", "stub", "BROKER_EMAIL_SENDER=\"stub\": stub sends nothing")]
    [InlineData("BROKER_EMAIL_SENDER", "", "BROKER_EMAIL_SENDER=\"\": stub sends nothing")]
    [InlineData("BROKER_SMTP_HOST", "", "BROKER_SMTP_HOST=\"\": missing required variable")]
    [InlineData("BROKER_SMTP_USERNAME", "broker", "BROKER_SMTP_PASSWORD_FILE=\"\": a user and its password")]
    [InlineData("BROKER_EMAIL_LANDING_URL_BASE", "http://broker.example.test",
        "BROKER_EMAIL_LANDING_URL_BASE=\"http://broker.example.test\": must be https")]
    public void Each_lack_names_its_variable(string name, string value, string line) => BootFailure
        .OfSettings([.. Production.Where(one => one.Name != name), (name, value)])
        .ShouldStartWith($"BOOT_FAIL: {line}");

    [Fact]
    public void Nothing_of_it_is_needed_where_nothing_sends_mail() => BootOptions.Of(
        ("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole),
        ("BROKER_EMAIL_SENDER", "smtp"));
}
