using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Mail.Feedback;

/// <summary>Bounces and complaints, where a queue tells of them.</summary>
internal sealed class FeedbackModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => FeedbackSettings.All;

    public override void Read(ModuleStart start)
    {
        if (start.Find<AwsAccountOptions>() is { } account) start.Read(boot => FeedbackOptions.Read(boot, account));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        if (start.Get<FeedbackOptions>().Queue is null || start.Get<MailOptions>().From is null) return;
        services.AddHostedService<FeedbackPoller>();
    }
}
