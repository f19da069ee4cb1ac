using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Roles;

/// <summary>The buckets of the data classes: of the roles that are handed out, and of the services.</summary>
internal sealed class BucketsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => RoleSettings.Buckets;
}
