using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;

namespace Broker.IdentityLinks;

/// <summary>Which identities belong to which actor, claimed or with proof of both.</summary>
internal sealed class IdentityLinksModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => LinkSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => LinkRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [LinkIdentity.Kind];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("links/0001-identity-links", """
            CREATE TABLE IF NOT EXISTS identity_links (
                identity_type  TEXT NOT NULL,
                identity_value TEXT NOT NULL,
                omni_account   TEXT NOT NULL,
                linked_at      INTEGER NOT NULL,
                proven         INTEGER NOT NULL,
                record_id      TEXT NULL,
                PRIMARY KEY (identity_type, identity_value)
            ) STRICT;
            CREATE INDEX IF NOT EXISTS identity_links_by_omni ON identity_links (omni_account);
            """),
    ];

    public override IJsonTypeInfoResolver Json => LinksJson.Default;

    public override void Read(ModuleStart start) => start.Read(boot => LinkOptions.Read(boot, start.IsDevelopment));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<IIdentityLinkStore, SqliteIdentityLinkStore>();
        services.AddSingleton<LinkIdentity>();
        services.AddSingleton<SecondProof>();
        services.AddSingleton<LookupLimit>();
    }

    public override void Map(WebApplication app)
    {
        LinkWallet.Map(app);
        LinkByProof.Map(app);
        RecoverLookup.Map(app);
    }
}

[JsonSerializable(typeof(NamedIdentity))]
[JsonSerializable(typeof(ListedLink))]
[JsonSerializable(typeof(LinksAnswer))]
[JsonSerializable(typeof(LinkByProofRequest))]
[JsonSerializable(typeof(UnlinkRequest))]
[JsonSerializable(typeof(LookupAnswer))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class LinksJson : JsonSerializerContext;
