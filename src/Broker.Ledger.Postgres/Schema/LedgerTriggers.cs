namespace Broker.Ledger.Postgres.Schema;

/// <summary>
/// The triggers that keep the tables append-only, whoever writes. They are <c>ALWAYS</c> ones: a session that plays a
/// replica fires them too.
/// </summary>
internal static class LedgerTriggers
{
    // Bits of pg_trigger.tgtype (PostgreSQL's catalog/pg_trigger.h).
    private const int Row = 1;
    private const int Before = 2;
    private const int Insert = 4;
    private const int Delete = 8;
    private const int Update = 16;
    private const int Truncate = 32;

    /// <summary>Refuses what it is asked to.</summary>
    private const string RefuseChange = """
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END
        """;

    /// <summary>
    /// Rows come behind the last one and without a gap. Moving the head's last_id waits for whoever holds the head, and
    /// finds another value there if that one has added rows.
    /// </summary>
    private const string FollowRows = """
        DECLARE
            v_first bigint;
            v_last bigint;
            v_count bigint;
        BEGIN
            SELECT min(id), max(id), count(*) INTO v_first, v_last, v_count FROM added;
            IF v_count = 0 THEN
                RETURN NULL;
            END IF;
            UPDATE ledger_head SET last_id = v_last WHERE last_id = v_first - 1;
            IF NOT FOUND OR v_last - v_first + 1 <> v_count THEN
                RAISE EXCEPTION 'mint_log is append-only: rows % to % do not follow the last one', v_first, v_last
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END
        """;

    /// <summary>A tile is one that this transaction's rows have filled.</summary>
    private const string CheckTile = """
        DECLARE
            v_filled bigint := (NEW.tile + 1) << (8 * (NEW.level + 1));
        BEGIN
            IF NOT EXISTS (SELECT FROM ledger_head WHERE v_filled > size AND v_filled <= last_id) THEN
                RAISE EXCEPTION 'tree_tiles is append-only: tile %/% is not filled now', NEW.level, NEW.tile
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        """;

    /// <summary>A checkpoint covers all rows, and some that none has covered before.</summary>
    private const string CheckCheckpoint = """
        BEGIN
            IF NOT EXISTS (SELECT FROM ledger_head WHERE NEW.tree_size > size AND NEW.tree_size = last_id) THEN
                RAISE EXCEPTION 'checkpoints is append-only: % does not end at the last row', NEW.tree_size
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        """;

    /// <summary>The head only grows: its last_id with rows, then its size to there, with a checkpoint.</summary>
    private const string GuardHead = """
        BEGIN
            IF NEW.only_row AND NEW.size = OLD.size AND NEW.root = OLD.root AND NEW.last_id > OLD.last_id
                AND OLD.last_id = OLD.size AND EXISTS (SELECT FROM mint_log WHERE id = NEW.last_id) THEN
                RETURN NEW;
            END IF;
            IF NEW.only_row AND NEW.last_id = OLD.last_id AND NEW.size > OLD.size AND NEW.size = OLD.last_id
                AND EXISTS (SELECT FROM checkpoints WHERE tree_size = NEW.size AND root = NEW.root) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'ledger_head only grows, with rows and a checkpoint' USING ERRCODE = 'restrict_violation';
        END
        """;

    /// <summary>At COMMIT: no row without a checkpoint that covers it.</summary>
    private const string CheckWhole = """
        BEGIN
            IF EXISTS (SELECT FROM ledger_head WHERE size <> last_id) THEN
                RAISE EXCEPTION 'mint_log is append-only: rows come with a checkpoint that covers them'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END
        """;

    /// <summary>Only a pending row changes, and only its status and the words beside it.</summary>
    private const string GuardState = """
        BEGIN
            IF OLD.status <> 'pending' OR (NEW.id, NEW.minted_at, NEW.record_hash, NEW.omni_account, NEW.wallet,
                NEW.agent_id, NEW.service, NEW.grant_id, NEW.outcome, NEW.row_id) IS DISTINCT FROM
                (OLD.id, OLD.minted_at, OLD.record_hash, OLD.omni_account, OLD.wallet, OLD.agent_id, OLD.service,
                OLD.grant_id, OLD.outcome, OLD.row_id) THEN
                RAISE EXCEPTION 'plugin_mint_log: only a pending row changes, and only its status'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        """;

    /// <summary>Every function, by name.</summary>
    public static readonly IReadOnlyDictionary<string, string> Functions = new Dictionary<string, string>
    {
        ["ledger_refuse_change"] = RefuseChange,
        ["ledger_follow_rows"] = FollowRows,
        ["ledger_check_tile"] = CheckTile,
        ["ledger_check_checkpoint"] = CheckCheckpoint,
        ["ledger_guard_head"] = GuardHead,
        ["ledger_check_whole"] = CheckWhole,
        ["ledger_guard_state"] = GuardState,
    };

    /// <summary>Every trigger.</summary>
    public static readonly IReadOnlyList<LedgerTrigger> All =
    [
        .. LedgerTables.Names.Select(NoChange),
        new("mint_log", "mint_log_only_append", "ledger_follow_rows", "AFTER INSERT", Insert,
            "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"),
        new("tree_tiles", "tree_tiles_only_append", "ledger_check_tile", "BEFORE INSERT", Row | Before | Insert),
        new("checkpoints", "checkpoints_only_append", "ledger_check_checkpoint", "BEFORE INSERT",
            Row | Before | Insert),
        new("ledger_head", "ledger_head_only_grows", "ledger_guard_head", "BEFORE UPDATE", Row | Before | Update),
        new("ledger_head", "ledger_head_whole", "ledger_check_whole", "AFTER UPDATE", Row | Update,
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW") { Kind = "CONSTRAINT TRIGGER" },
        new("plugin_mint_log", "plugin_mint_log_one_way", "ledger_guard_state", "BEFORE UPDATE",
            Row | Before | Update),
    ];

    /// <summary>Makes functions and triggers in a schema, given as PostgreSQL quotes it.</summary>
    /// <remarks>
    /// A function runs as the owner of the tables and finds its names there and nowhere else: a caller's temporary
    /// table of the same name is looked at last.
    /// </remarks>
    public static string Create(string schema) => string.Join('\n',
    [
        .. Functions.Select(function => $"""
            CREATE FUNCTION {function.Key}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = {schema}, pg_temp AS $body${function.Value}$body$;
            """),
        .. All.Select(trigger => $"""
            CREATE {trigger.Kind} {trigger.Name} {trigger.Moment} ON {trigger.Table} {trigger.Scope}
                EXECUTE FUNCTION {trigger.Function}();
            ALTER TABLE {trigger.Table} ENABLE ALWAYS TRIGGER {trigger.Name};
            """),
    ]);

    // The head and the anchor's states do change, within rules of their own.
    private static LedgerTrigger NoChange(string table)
    {
        var (moment, type) = table is "ledger_head" or "plugin_mint_log"
            ? ("BEFORE DELETE OR TRUNCATE", Before | Delete | Truncate)
            : ("BEFORE UPDATE OR DELETE OR TRUNCATE", Before | Update | Delete | Truncate);
        return new LedgerTrigger(
            table, $"{table}_no_change", "ledger_refuse_change", moment, type, "FOR EACH STATEMENT");
    }
}

/// <summary>A trigger.</summary>
/// <param name="Type">When it fires, as <c>pg_trigger.tgtype</c> has it.</param>
internal sealed record LedgerTrigger(
    string Table, string Name, string Function, string Moment, int Type, string Scope = "FOR EACH ROW")
{
    public string Kind { get; init; } = "TRIGGER";
}
