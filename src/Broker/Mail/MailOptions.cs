using Broker.Foundation.Settings;
using Broker.Identity;
using Broker.Modules;
using Broker.SignIn.Methods;

namespace Broker.Mail;

/// <summary>How mail is sent.</summary>
/// <param name="From">Null where nothing of this process sends mail.</param>
/// <param name="Smtp">Null where another sends it.</param>
internal sealed record MailOptions(
    MailSenderKind Sender, EmailAddress? From, TimeSpan Timeout, SmtpOptions? Smtp)
{
    public static MailOptions Read(BootEnvironment boot, ModuleStart start)
    {
        var sender = boot.Read(MailSettings.Sender);
        var from = boot.ReadOptional(MailSettings.From);
        var timeout = boot.Read(MailSettings.Timeout);
        if (start.Find<SignInOptions>()?.Offers(SignInMethod.EmailLink) != true)
            return new MailOptions(sender, null, timeout, null);

        if (from is null)
        {
            throw boot.Fail(MailSettings.From,
                "missing required variable: email_link of BROKER_AUTH_METHODS sends mail, and this is its sender");
        }

        if (sender == MailSenderKind.Stub && !start.IsDevelopment)
        {
            throw BootFailException.At(MailSettings.Sender, boot.Text(MailSettings.Sender),
                "stub sends nothing, and is for development mode; name ses or smtp");
        }

        return new MailOptions(
            sender, from, timeout, sender == MailSenderKind.Smtp ? SmtpOptions.Read(boot) : null);
    }
}

/// <summary>The mail server.</summary>
/// <param name="User">Null where it asks for nobody.</param>
internal sealed record SmtpOptions(string Host, int Port, SmtpUser? User)
{
    public static SmtpOptions Read(BootEnvironment boot)
    {
        var host = boot.ReadOptional(MailSettings.SmtpHost)
            ?? throw boot.Fail(MailSettings.SmtpHost, "missing required variable: the sender smtp needs its server");
        var name = boot.ReadOptional(MailSettings.SmtpUser);
        var password = boot.ReadOptional(MailSettings.SmtpPassword);
        if (name is null != password is null)
        {
            throw boot.Fail(name is null ? MailSettings.SmtpUser : MailSettings.SmtpPassword,
                "a user and its password go together, or neither is set");
        }

        return new SmtpOptions(
            host, boot.Read(MailSettings.SmtpPort), name is null ? null : new SmtpUser(name, password!));
    }
}

/// <summary>Who the broker is at the mail server.</summary>
internal sealed record SmtpUser(string Name, string Password)
{
    public override string ToString() => Name;
}
