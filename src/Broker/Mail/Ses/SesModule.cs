using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Mail.Ses;

/// <summary>Amazon SES, where it is what carries the mails away.</summary>
internal sealed class SesModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => SesSettings.All;

    public override void Read(ModuleStart start)
    {
        if (start.Find<AwsAccountOptions>() is { } account) start.Read(boot => SesOptions.Read(boot, account));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        // Nothing is made of them before somebody sends.
        services.AddSingleton<SesEdge>();
        services.AddSingleton<SesMailSender>();
        if (start.Get<MailOptions>() is not { From: not null, Sender: MailSenderKind.Ses }) return;
        services.AddSingleton<IMailSender>(provider => provider.GetRequiredService<SesMailSender>());
        services.AddSingleton<SesVerification>();
        services.AddHostedService(provider => provider.GetRequiredService<SesVerification>());
    }

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services) =>
        services.GetService<SesVerification>() is { } verification ? [verification.Check()] : [];
}
