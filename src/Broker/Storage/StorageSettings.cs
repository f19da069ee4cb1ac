using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Storage;

/// <summary>Where the databases lie.</summary>
internal static class StorageSettings
{
    public static readonly Setting<string> DataDirectory = new("BROKER_DATA_DIR", "Core",
        "Folder of the ledger, the state database and, unless their own variables say otherwise, the key files.",
        FilePath)
    { Default = "~/.agentkeys/broker", Form = PathForm, Anchor = "data" };

    public static readonly Setting<string> StateDatabase = new("BROKER_STATE_DB_PATH", "Core",
        "SQLite file with sign-in challenges, wallet bindings, revocations and idempotency records. "
        + "Unset: broker.sqlite in BROKER_DATA_DIR.", FilePath)
    { Form = PathForm, Anchor = "data" };

    public static readonly Setting<string> LedgerDatabase = new("BROKER_AUDIT_DB_PATH", "Ledger",
        "SQLite file of the append-only ledger. Unset: audit.sqlite in BROKER_DATA_DIR.", FilePath)
    { Form = PathForm, Anchor = "audit-sqlite" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        DataDirectory, StateDatabase, LedgerDatabase,
    ];
}
