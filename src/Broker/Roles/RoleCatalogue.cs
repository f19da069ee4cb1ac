using Broker.Foundation.Settings;

namespace Broker.Roles;

/// <summary>
/// The closed list of roles that this broker hands out: four by variables, of which <c>data</c> is the default, and
/// those of the file <c>BROKER_ROLES_PATH</c>.
/// </summary>
internal sealed class RoleCatalogue
{
    private static readonly (string Name, Setting<string> Role, Setting<string> Bucket)[] Slots =
    [
        ("data", RoleSettings.DataRole, RoleSettings.DataBucket),
        ("vault", RoleSettings.VaultRole, RoleSettings.VaultBucket),
        ("memory", RoleSettings.MemoryRole, RoleSettings.MemoryBucket),
        ("config", RoleSettings.ConfigRole, RoleSettings.ConfigBucket),
    ];

    private RoleCatalogue(IReadOnlyList<CatalogueRole> all, string? path) => (All, Path) = (all, path);

    public const string DefaultName = "data";

    /// <summary>Names that belong to variables, whether they are set or not.</summary>
    public static IEnumerable<string> ReservedNames => Slots.Select(slot => slot.Name);

    public IReadOnlyList<CatalogueRole> All { get; }

    /// <summary>The file; null where the operator names none.</summary>
    public string? Path { get; }

    /// <summary>The names that can be asked for, for error messages.</summary>
    public string Names => string.Join(", ", All.Select(role => role.Name));

    public CatalogueRole? Find(string nameOrArn) =>
        All.FirstOrDefault(role => role.Name == nameOrArn || role.Arn.Text == nameOrArn);

    /// <summary>The roles by variables, and those that the file has now.</summary>
    /// <exception cref="FormatException">The file is not usable, with a reason fit for an operator.</exception>
    public RoleCatalogue ReadAgain(string path)
    {
        var fixedRoles = All.Where(role => ReservedNames.Contains(role.Name)).ToList();
        return new RoleCatalogue([.. fixedRoles, .. RolesFile.Read(path, fixedRoles)], path);
    }

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
        var byVariables = new RoleCatalogue(roles, null);
        if (boot.ReadOptional(RoleSettings.Path) is not { } path) return byVariables;
        try
        {
            return byVariables.ReadAgain(path);
        }
        catch (FormatException wrong)
        {
            throw BootFailException.At(RoleSettings.Path, path, wrong.Message, wrong);
        }
    }

    private static string? DataRoleOfAccount(BootEnvironment boot) =>
        boot.ReadOptional(RoleSettings.AccountId) is { } account
            ? $"arn:aws:iam::{account}:role/agentkeys-data-role"
            : null;
}
