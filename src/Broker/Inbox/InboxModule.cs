using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.AwsAccount;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Inbox.Messages;
using Broker.Ledger;
using Broker.Modules;
using Broker.Roles;

namespace Broker.Inbox;

/// <summary>
/// Inbound mail: the caller's own messages, read from the mail bucket with the caller's own credentials.
/// </summary>
internal sealed class InboxModule : BrokerModule
{
    /// <summary>Reading mail; only refusals of it are recorded. The credentials have entries of their own.</summary>
    public static readonly EntryKind Kind = new("mail_read");

    public override IReadOnlyList<Setting> Settings => InboxSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => [.. InboxRefusals.All, .. MessageRefusals.All];

    public override IReadOnlyList<EntryKind> EntryKinds => [Kind];

    public override IJsonTypeInfoResolver Json => InboxJson.Default;

    public override void Read(ModuleStart start)
    {
        if (start.Find<AwsAccountOptions>() is not { } account || start.Find<RoleCatalogue>() is not { } roles) return;
        start.Read(boot => InboxOptions.Read(boot, account, roles));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<InboxMetrics>();
        services.AddSingleton<CallerCredentials>();
        services.AddSingleton<MailBucket>();
        services.AddSingleton<OwnInbox>();
    }

    public override void Map(WebApplication app)
    {
        ListMail.Map(app);
        ShowMail.Map(app);
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetRequiredService<InboxMetrics>().All;
}

[JsonSerializable(typeof(ListMailAnswer))]
[JsonSerializable(typeof(ShowMailAnswer))]
internal sealed partial class InboxJson : JsonSerializerContext;
