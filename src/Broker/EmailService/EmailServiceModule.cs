using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Configuration;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;

namespace Broker.EmailService;

/// <param name="Domain">Null where this process has no such service.</param>
internal sealed record EmailServiceOptions(int Port, string? Domain)
{
    public static EmailServiceOptions Read(BootEnvironment boot)
    {
        var (port, domain) = (boot.Read(EmailServiceSettings.Port), boot.ReadOptional(EmailServiceSettings.Domain));
        if (!ProcessParts.Read(boot).Has(ProcessParts.EmailName)) return new EmailServiceOptions(port, null);
        return domain is not null
            ? new EmailServiceOptions(port, domain)
            : throw BootFailException.At(
                EmailServiceSettings.Domain, null,
                "missing required variable: the module email sends from its addresses");
    }
}

/// <summary>
/// Actors' mail (contract §11.5): sent from their own addresses by SES, and their inbound mail listed. The documents'
/// service asks nobody who they are; here it is for the holder of a session.
/// </summary>
internal sealed class EmailServiceModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => EmailServiceSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => EmailServiceRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [SentMail.Kind];

    public override IJsonTypeInfoResolver Json => EmailServiceJson.Default;

    public override void Read(ModuleStart start) => start.Read(EmailServiceOptions.Read);

    public override OwnListener? Listener(ModuleStart start) =>
        start.Get<EmailServiceOptions>() is { Domain: not null } options
            ? new OwnListener(
                ProcessParts.EmailName, EmailServiceSettings.Port, options.Port, EmailServiceRoutes.Prefix)
            : null;

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        if (start.Get<EmailServiceOptions>().Domain is not null) services.AddSingleton<SendOwnMail>();
    }

    public override void Map(WebApplication app)
    {
        if (app.Services.GetRequiredService<EmailServiceOptions>().Domain is not null) EmailServiceRoutes.Map(app);
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetService<SendOwnMail>() is { } send ? [send.Sent] : [];
}

[JsonSerializable(typeof(SendEmailBody))]
[JsonSerializable(typeof(SendEmailAnswer))]
[JsonSerializable(typeof(EmailInboxAnswer))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class EmailServiceJson : JsonSerializerContext;
