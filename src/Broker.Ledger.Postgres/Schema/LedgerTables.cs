namespace Broker.Ledger.Postgres.Schema;

/// <summary>
/// The tables of a ledger in PostgreSQL, in a schema of their own. One role owns them; the service's role reads them
/// and appends (<see cref="Grants"/>), and the triggers of <see cref="LedgerTriggers"/> keep both to that.
/// </summary>
/// <remarks>
/// The head row is what a commit locks and compares. It has no copy of the tree's right edge: that is 8 KiB and more of
/// every level, which each commit would write anew beside its rows, and the newest rows and tiles hold it already.
/// </remarks>
internal static class LedgerTables
{
    /// <summary>The form of these tables; a database with a higher number was prepared by a later Broker.</summary>
    public const int Version = 1;

    /// <summary>The columns of <c>mint_log</c> in their order, the ones that operators know first.</summary>
    public const string EntryColumns =
        "id, minted_at, requester_token, requester_wallet, requested_role, session_duration_seconds, " +
        "sts_session_name, outcome, outcome_detail, record_id, kind, actor_omni, subject, request_id, request_hash, " +
        "access_key_id, expires_at, evidence, leaf_hash";

    /// <summary>Every table, in the order in which they are made.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "ledger_form", "ledger_head", "mint_log", "tree_tiles", "checkpoints", "checkpoint_keys", "plugin_mint_log",
        "anchor_archives",
    ];

    /// <summary>Makes the tables, in the schema that the search path names.</summary>
    public const string Create = """
        CREATE TABLE ledger_form (
            version integer PRIMARY KEY
        );

        -- One row. A commit moves last_id with its rows, then size and root with its checkpoint.
        CREATE TABLE ledger_head (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            last_id bigint NOT NULL,
            size bigint NOT NULL,
            root bytea NOT NULL CHECK (octet_length(root) = 32)
        );

        CREATE TABLE mint_log (
            id bigint PRIMARY KEY,
            minted_at bigint NOT NULL,
            requester_token text COLLATE "C" NOT NULL,
            requester_wallet text COLLATE "C" NOT NULL,
            requested_role text COLLATE "C" NOT NULL,
            session_duration_seconds integer NOT NULL,
            sts_session_name text COLLATE "C" NOT NULL,
            outcome text COLLATE "C" NOT NULL,
            outcome_detail text COLLATE "C",
            record_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            actor_omni text COLLATE "C" NOT NULL,
            subject text COLLATE "C" NOT NULL,
            request_id text COLLATE "C" NOT NULL,
            request_hash text COLLATE "C" NOT NULL,
            access_key_id text COLLATE "C" NOT NULL,
            expires_at bigint NOT NULL,
            evidence text COLLATE "C" NOT NULL,
            leaf_hash text COLLATE "C" NOT NULL
        );

        -- Record ids grow with time, so this index grows at its end. The others keep beginnings of the texts only.
        CREATE UNIQUE INDEX mint_log_record_id ON mint_log (record_id);
        CREATE INDEX mint_log_actor ON mint_log (left(actor_omni, 16), id);
        CREATE INDEX mint_log_wallet ON mint_log (left(requester_wallet, 18), id);
        CREATE INDEX mint_log_minted_at ON mint_log USING brin (minted_at) WITH (pages_per_range = 32);

        -- Full tiles of C2SP tlog-tiles: 256 hashes of 32 bytes; root is the hash over them, in the tile above.
        CREATE TABLE tree_tiles (
            level integer NOT NULL CHECK (level BETWEEN 0 AND 6),
            tile bigint NOT NULL CHECK (tile >= 0),
            root bytea NOT NULL CHECK (octet_length(root) = 32),
            hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
            PRIMARY KEY (level, tile)
        );
        ALTER TABLE tree_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

        -- One per commit: the tree as it was then, and the signed note that says so (C2SP tlog-checkpoint).
        CREATE TABLE checkpoints (
            tree_size bigint PRIMARY KEY,
            root bytea NOT NULL CHECK (octet_length(root) = 32),
            note text NOT NULL,
            created_at bigint NOT NULL
        );

        -- The keys that sign checkpoints, as vkeys, in the order of their use.
        CREATE TABLE checkpoint_keys (
            id integer PRIMARY KEY,
            vkey text NOT NULL UNIQUE
        );

        -- Whether the anchor holds an entry: pending, then confirmed or quarantined, once and for all.
        CREATE TABLE plugin_mint_log (
            id text COLLATE "C" NOT NULL,
            minted_at bigint NOT NULL,
            record_hash text COLLATE "C" NOT NULL,
            omni_account text COLLATE "C" NOT NULL,
            wallet text COLLATE "C" NOT NULL,
            agent_id text COLLATE "C" NOT NULL,
            service text COLLATE "C" NOT NULL,
            grant_id text COLLATE "C" NOT NULL DEFAULT '',
            status text COLLATE "C" NOT NULL CHECK (status IN ('pending', 'confirmed', 'quarantined', 'failed')),
            outcome text COLLATE "C" NOT NULL,
            outcome_detail text COLLATE "C",
            row_id bigint PRIMARY KEY
        );
        CREATE INDEX plugin_mint_log_pending ON plugin_mint_log (row_id) WHERE status = 'pending';
        CREATE INDEX plugin_mint_log_quarantined ON plugin_mint_log (row_id) WHERE status = 'quarantined';

        CREATE TABLE anchor_archives (
            first_id bigint PRIMARY KEY,
            last_id bigint NOT NULL,
            receipt text NOT NULL,
            archived_at bigint NOT NULL
        );
        """;

    /// <summary>
    /// What the service's role may do, and nobody else: read all of it, append, move the head, and say of a pending
    /// entry that the anchor has it.
    /// </summary>
    /// <param name="schema">The schema, as PostgreSQL quotes it.</param>
    /// <param name="role">The role, as PostgreSQL quotes it.</param>
    public static string Grants(string schema, string role) => $"""
        REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
        REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role};
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC, {role};
        GRANT USAGE ON SCHEMA {schema} TO {role};
        GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role};
        GRANT INSERT ON mint_log, tree_tiles, checkpoints, checkpoint_keys, plugin_mint_log, anchor_archives TO {role};
        GRANT UPDATE (size, root) ON ledger_head TO {role};
        GRANT UPDATE (status, outcome_detail) ON plugin_mint_log TO {role};
        """;
}
