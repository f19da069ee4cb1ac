using Broker.LocalCloud;
using Broker.LocalCloud.Configuration;
using Broker.Tests.Hosting;

namespace Broker.Tests.Mail;

/// <summary>A broker in production mode that sends by SES, be it the local cloud's or another.</summary>
internal static class SesSite
{
    public const string Sender = "noreply@agentkeys.test";

    private const string AccessKey = "AKIADAEMON0000000000";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// <summary>It checks signatures, policies and the sender, as SES does.</summary>
    public static Task<LocalCloudHost> StartCloudAsync() => LocalCloudHost.StartAsync(new LocalCloudOptions
    {
        Port = 0,
        Issuer = BrokerApp.Issuer,
        DaemonKey = new LocalCloudAccessKey(AccessKey, Secret),
    });

    public static (string Name, string Value)[] Settings(string url, params (string Name, string Value)[] more) =>
    [
        ("BROKER_AUTH_METHODS", "wallet_sig,email_link"), ("BROKER_EMAIL_FROM_ADDRESS", Sender),
        ("BROKER_EMAIL_SENDER", "ses"), ("BROKER_EMAIL_TIMEOUT_SECONDS", "5"), ("AWS_ENDPOINT_URL_SESV2", url),
        ("DAEMON_ACCESS_KEY_ID", AccessKey), ("DAEMON_SECRET_ACCESS_KEY", Secret),
        ("BROKER_STS_MODE", "web_identity"), .. more,
    ];

    public static Task<BrokerApp> StartAsync(string url, params (string Name, string Value)[] more) =>
        BrokerApp.StartAsync(Settings(url, more));
}
