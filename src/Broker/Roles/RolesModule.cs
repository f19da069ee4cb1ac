using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Roles;

/// <summary>The closed list of roles that this broker hands out.</summary>
internal sealed class RolesModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => RoleSettings.All;

    public override void Read(ModuleStart start) =>
        start.Read(boot => RoleCatalogue.Read(boot, start.IsDevelopment));
}
