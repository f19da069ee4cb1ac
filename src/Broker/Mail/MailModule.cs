using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Mail;

/// <summary>Sending mail. Without a feature that sends any it adds nothing; SES has a module of its own.</summary>
internal sealed class MailModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => MailSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => MailRefusals.All;

    public override void Read(ModuleStart start) => start.Read(boot => MailOptions.Read(boot, start));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var options = start.Get<MailOptions>();
        if (options.From is null) return;
        services.AddSingleton<SendMail>();
        if (options.Sender == MailSenderKind.Stub) services.AddSingleton<IMailSender, StubMailSender>();
        if (options.Sender == MailSenderKind.Smtp) services.AddSingleton<IMailSender, SmtpMailSender>();
    }
}
