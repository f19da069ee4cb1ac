using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Mail;

/// <summary>Sending mail. Without a feature that sends any it adds nothing; SES has a module of its own.</summary>
internal sealed class MailModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => MailSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => MailRefusals.All;

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("mail/0001-suppressed", """
            CREATE TABLE IF NOT EXISTS suppressed_mailboxes (
                mailbox_hash TEXT PRIMARY KEY,
                reason       TEXT NOT NULL CHECK (reason IN ('bounce', 'complaint')),
                since        INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """),
    ];

    public override void Read(ModuleStart start) => start.Read(boot => MailOptions.Read(boot, start));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var options = start.Get<MailOptions>();
        if (options.From is null) return;
        services.AddSingleton<ISuppressedMailboxes, SqliteSuppressedMailboxes>();
        services.AddSingleton<MailMetrics>();
        services.AddSingleton<SendMail>();
        if (options.Sender == MailSenderKind.Stub) services.AddSingleton<IMailSender, StubMailSender>();
        if (options.Sender == MailSenderKind.Smtp) services.AddSingleton<IMailSender, SmtpMailSender>();
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetService<MailMetrics>()?.All ?? [];
}
