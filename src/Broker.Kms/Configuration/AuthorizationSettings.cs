using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>What decides whether a machine may have keys.</summary>
internal static class AuthorizationSettings
{
    private const string WebhookOrDev = "webhook or dev";

    public static readonly Setting<AuthApiType> ApiType = Mirror("core.auth_api.type",
        "webhook, or dev: everybody who is attested", WebhookOrDev,
        Told($"must be {WebhookOrDev}", Choice(("webhook", AuthApiType.Webhook), ("dev", AuthApiType.Dev))), "webhook");

    public static readonly Setting<string> WebhookUrl = Mirror("core.auth_api.webhook.url", "the authorization webhook",
        KmsForms.Url, HttpUrlText, "http://auth-api:8000");

    public static readonly Setting<TimeSpan> WebhookTimeout = Ours("AUTH_API_WEBHOOK_TIMEOUT",
        "after which the webhook's answer is no", DurationForm, Duration, "10s");

    public static readonly Setting<string> DevGatewayAppId = Mirror("core.auth_api.dev.gateway_app_id",
        "the gateway's app id in dev mode", KmsForms.Words, KmsForms.ReadWords, "any");

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [ApiType, WebhookUrl, WebhookTimeout, DevGatewayAppId];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        AuthApiType = boot.Read(ApiType),
        WebhookUrl = boot.Read(WebhookUrl),
        WebhookTimeout = boot.Read(WebhookTimeout),
        DevGatewayAppId = boot.Read(DevGatewayAppId),
    };
}
