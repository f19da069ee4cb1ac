using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.SignIn.Staged;

/// <summary>
/// Sign-ins that one device begins and another one finishes: asked for, proven elsewhere, fetched by polling. What the
/// proof is, the method's own module says.
/// </summary>
internal sealed class StagedModule : BrokerModule
{
    /// <summary>Rows that say who signs in: the mailbox of a link, and the identity for the poll.</summary>
    private const string Named = "(kept <> '' OR identity_value IS NOT NULL)";

    public override IReadOnlyList<RefusalCode> Refusals => StagedRefusals.All;

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("staged/0001-sign-ins", """
            CREATE TABLE IF NOT EXISTS staged_sign_ins (
                request_hash   TEXT PRIMARY KEY,
                method         TEXT NOT NULL,
                proof_hash     TEXT NOT NULL UNIQUE,
                kept           TEXT NOT NULL,
                device_label   TEXT NULL,
                compare_code   TEXT NOT NULL,
                status         TEXT NOT NULL CHECK (status IN ('pending', 'verified', 'failed')),
                identity_type  TEXT NULL,
                identity_value TEXT NULL,
                failure        TEXT NULL,
                issued_at      INTEGER NOT NULL,
                expires_at     INTEGER NOT NULL,
                consumed_at    INTEGER NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS staged_sign_ins_by_expiry ON staged_sign_ins (expires_at);
            """)
        {
            Expiring = "staged_sign_ins",
        },
        new("staged/0002-named", $"""
            CREATE INDEX IF NOT EXISTS staged_sign_ins_named ON staged_sign_ins (expires_at) WHERE {Named};
            """)
        {
            // A row without an identity must not be open, whatever the clock says later.
            Blanking = $"""
                UPDATE staged_sign_ins SET kept = '', identity_type = NULL, identity_value = NULL, status = 'failed',
                    failure = coalesce(failure, '{PollSignIn.Expired}'), consumed_at = coalesce(consumed_at, @Now)
                WHERE rowid IN (
                    SELECT rowid FROM staged_sign_ins WHERE {Named} AND expires_at <= @Now
                    ORDER BY expires_at LIMIT @Most)
                """,
        },
    ];

    public override IJsonTypeInfoResolver Json => StagedJson.Default;

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<IStagedSignIns, SqliteStagedSignIns>();
        services.AddSingleton<StagedSessions>();
    }
}

[JsonSerializable(typeof(PollAnswer))]
internal sealed partial class StagedJson : JsonSerializerContext;
