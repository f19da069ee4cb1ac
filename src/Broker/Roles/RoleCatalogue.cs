using Broker.Foundation.Settings;

namespace Broker.Roles;

/// <summary>
/// One role that may be asked for, by <paramref name="Name"/> (<c>data</c>, <c>vault</c>, …) or by its ARN.
/// </summary>
/// <param name="Bucket">The bucket whose prefix the session is narrowed to; null where none is configured.</param>
/// <param name="NarrowToOwnPrefix">Whether a session policy is attached.</param>
internal sealed record CatalogueRole(string Name, RoleArn Arn, string? Bucket, bool NarrowToOwnPrefix);

/// <summary>The closed list of roles that this broker hands out. <c>data</c> is the default.</summary>
internal sealed class RoleCatalogue
{
    private static readonly (string Name, Setting<string> Role, Setting<string> Bucket)[] Slots =
    [
        ("data", RoleSettings.DataRole, RoleSettings.DataBucket),
        ("vault", RoleSettings.VaultRole, RoleSettings.VaultBucket),
        ("memory", RoleSettings.MemoryRole, RoleSettings.MemoryBucket),
        ("config", RoleSettings.ConfigRole, RoleSettings.ConfigBucket),
    ];

    private readonly CatalogueRole[] _roles;

    private RoleCatalogue(CatalogueRole[] roles) => _roles = roles;

    public const string DefaultName = "data";

    /// <summary>The names that can be asked for, for error messages.</summary>
    public string Names => string.Join(", ", _roles.Select(role => role.Name));

    public CatalogueRole? Find(string nameOrArn) =>
        Array.Find(_roles, role => role.Name == nameOrArn || role.Arn.Text == nameOrArn);

    public static RoleCatalogue Read(BootEnvironment boot, bool developmentMode)
    {
        bool? ownPrefix = boot.IsSet(RoleSettings.OwnPrefix) ? boot.Read(RoleSettings.OwnPrefix) : null;
        var roles = new List<CatalogueRole>();
        var faults = new BootFaults();
        if (!boot.IsSet(RoleSettings.DataRole) && !boot.IsSet(RoleSettings.AccountId) && !developmentMode)
        {
            faults.Add([BootFault.Of(RoleSettings.DataRole, null,
                "missing required env var: set BROKER_DATA_ROLE_ARN explicitly (legacy: BROKER_AGENT_ROLE_ARN), or set "
                + "ACCOUNT_ID (on a laptop BROKER_DEV_MODE=true needs none)")]);
        }

        foreach (var (name, role, bucketSetting) in Slots)
        {
            var text = faults.Try(() => boot.ReadOptional(role))
                ?? (name == DefaultName ? faults.Try(() => DataRoleOfAccount(boot)) : null);
            var bucket = faults.Try(() => boot.ReadOptional(bucketSetting));
            if (!RoleArn.TryParse(text, out var arn)) continue;
            if (ownPrefix == true && bucket is null)
            {
                faults.Add([BootFault.Of(bucketSetting, null,
                    $"must name the bucket of {role.Name} where BROKER_SESSION_POLICY=own_prefix")]);
            }

            roles.Add(new CatalogueRole(name, arn, bucket, ownPrefix != false && bucket is not null));
        }

        faults.ThrowIfAny();
        return new RoleCatalogue([.. roles]);
    }

    private static string? DataRoleOfAccount(BootEnvironment boot) =>
        boot.ReadOptional(RoleSettings.AccountId) is { } account
            ? $"arn:aws:iam::{account}:role/agentkeys-data-role"
            : null;
}
