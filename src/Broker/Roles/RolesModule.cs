using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Roles;

/// <summary>The closed list of roles that this broker hands out.</summary>
internal sealed class RolesModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => RoleSettings.All;

    public override void Read(ModuleStart start) =>
        start.Read(boot => RoleCatalogue.Read(boot, start.IsDevelopment));

    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddSingleton<LiveRoles>();

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        if (services.GetRequiredService<RoleCatalogue>().Path is null) yield break;
        yield return services.GetRequiredService<LiveRoles>().Fault is { } fault
            ? new ReadinessCheck("roles", Readiness.Degraded, $"the file {fault}; the roles before it stay in force")
            : new ReadinessCheck("roles", Readiness.Ready);
    }
}
