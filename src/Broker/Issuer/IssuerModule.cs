using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Modules;

namespace Broker.Issuer;

/// <summary>Whose name stands in tokens, in sign-in messages and in the ledger's checkpoints.</summary>
internal sealed class IssuerModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => IssuerSettings.All;

    public override void Read(ModuleStart start) =>
        start.Read(boot => IssuerOptions.Read(boot, start.IsDevelopment, start.Find<ListenOptions>()));
}
