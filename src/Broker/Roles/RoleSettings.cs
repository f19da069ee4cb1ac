using Broker.Configuration;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Roles;

/// <summary>The roles that are handed out.</summary>
internal static class RoleSettings
{
    private const string RoleForm = "arn:<partition>:iam::<account id or empty>:role/<name>, at most 2048 characters";

    public static readonly Setting<string> DataRole = new("BROKER_DATA_ROLE_ARN", "AWS",
        "Role of the data plane (mail). Required outside development mode, here or by ACCOUNT_ID.", RoleArn)
    { Form = RoleForm, Anchor = "roles", Aliases = ["BROKER_AGENT_ROLE_ARN"] };

    public static readonly Setting<string> AccountId = new("ACCOUNT_ID", "AWS",
        "Where no data role is named: its account, the role being agentkeys-data-role.", AccountNumber)
    { Form = "12 digits", Anchor = "roles" };

    public static readonly Setting<string> VaultRole = new("BROKER_VAULT_ROLE_ARN", "AWS",
        "Role of the credential vault.", RoleArn)
    { Form = RoleForm, Anchor = "roles" };

    public static readonly Setting<string> MemoryRole = new("BROKER_MEMORY_ROLE_ARN", "AWS",
        "Role of agents' memory.", RoleArn)
    { Form = RoleForm, Anchor = "roles", Aliases = ["MEMORY_ROLE_ARN"] };

    public static readonly Setting<string> ConfigRole = new("BROKER_CONFIG_ROLE_ARN", "AWS",
        "Role of agents' configuration.", RoleArn)
    { Form = RoleForm, Anchor = "roles" };

    public static readonly Setting<string> DataBucket = new("BROKER_DATA_BUCKET", "AWS",
        "Bucket of the data role.", BucketNames.Parse)
    { Form = BucketNames.Form, Anchor = "session-policy" };

    public static readonly Setting<string> VaultBucket = new("BROKER_VAULT_BUCKET", "AWS",
        "Bucket of the vault role, and of the credentials service.", BucketNames.Parse)
    { Form = BucketNames.Form, Anchor = "session-policy" };

    public static readonly Setting<string> MemoryBucket = new("BROKER_MEMORY_BUCKET", "AWS",
        "Bucket of the memory role, and of the memory service.", BucketNames.Parse)
    { Form = BucketNames.Form, Anchor = "session-policy" };

    public static readonly Setting<string> ConfigBucket = new("BROKER_CONFIG_BUCKET", "AWS",
        "Bucket of the config role, and of the configuration service.", BucketNames.Parse)
    { Form = BucketNames.Form, Anchor = "session-policy" };

    public static readonly Setting<bool> OwnPrefix = new("BROKER_SESSION_POLICY", "AWS",
        "own_prefix narrows each session to the actor's own prefix of the role's bucket. Unset: own_prefix for a role "
        + "whose bucket is configured, none for another.", Choice(("own_prefix", true), ("none", false)))
    { Form = "own_prefix or none", Anchor = "session-policy" };

    public static readonly Setting<string> Path = new("BROKER_ROLES_PATH", "AWS",
        "Further roles, in any accounts and partitions: a JSON file, read again when it changes. Only its owner may "
        + "write it.", FilePath)
    { Form = PathForm, Anchor = "roles" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        DataRole, AccountId, VaultRole, MemoryRole, ConfigRole, OwnPrefix, Path,
    ];

    /// <summary>The roles' buckets, which services know without handing out roles.</summary>
    public static IReadOnlyList<Setting> Buckets { get; } = [DataBucket, VaultBucket, MemoryBucket, ConfigBucket];

    private static string RoleArn(string value) => Roles.RoleArn.TryParse(value, out _)
        ? value
        : throw new FormatException($"must be a role ARN ({RoleForm})");

    private static string AccountNumber(string value) => value.Length == 12 && value.All(char.IsAsciiDigit)
        ? value
        : throw new FormatException("must be 12 digits");
}
