using System.Text.RegularExpressions;
using Broker.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Hosting;

/// <summary>Sign-in by mail, as a client and the reader of a mailbox do it.</summary>
internal static partial class MailSignIn
{
    /// <summary>A broker that offers it; mails stay in this process.</summary>
    public static Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings) => BrokerApp.StartAsync(
    [
        ("BROKER_AUTH_METHODS", "wallet_sig,email_link"), ("BROKER_EMAIL_FROM_ADDRESS", "noreply@agentkeys.test"),
        ("BROKER_DEV_MODE", "true"), .. settings,
    ]);

    public static Task<Answer> RequestLinkAsync(
        this RunningBroker broker, string email = "alice@example.org", string? label = null) =>
        broker.PostAsync("/v1/auth/email/request", new { email, device_label = label });

    /// <summary>The newest mail that the stub kept.</summary>
    public static OutgoingMail NewestMail(this BrokerApp broker) =>
        ((StubMailSender)broker.Services.GetRequiredService<IMailSender>()).Mails[^1];

    public static string NewestToken(this BrokerApp broker) => TokenIn(broker.NewestMail().Text);

    /// <summary>The token of the link in a mail.</summary>
    public static string TokenIn(string text) => Link().Match(text).Groups[1].Value;

    public static Task<Answer> ConfirmAsync(this RunningBroker broker, string token, string? requestId = null) =>
        broker.PostAsync("/v1/auth/email/verify", new { token, request_id = requestId });

    public static Task<Answer> PollAsync(this RunningBroker broker, Answer requested) =>
        broker.GetAsync(requested["poll_url"]!);

    [GeneratedRegex("/auth/email/landing#t=([A-Za-z0-9_-]+)")]
    private static partial Regex Link();
}
