using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Postgres;
using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Postgres.Log;
using Broker.Ledger.Reading;
using Broker.Ledger.Tests.Index;
using Broker.Ledger.Tests.Stores;
using Broker.Ledger.Verification;
using Npgsql;

namespace Broker.Ledger.Tests.Postgres;

/// <summary>What each role can do to the tables by plain SQL, and which sessions a ledger is opened in.</summary>
public sealed class PostgresRoleTests : IClassFixture<PostgresServer>, IDisposable
{
    private const string Root = "decode(repeat('00', 32), 'hex')";

    private readonly PostgresServer _server;
    private readonly PostgresAccess _access;
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();

    public PostgresRoleTests(PostgresServer server)
    {
        _server = server;
        _access = server.NewLedger();
        using var store = PostgresLedgerStore.Open(_access, tracksAnchor: true);
        new StoreWriter(store, _key).Append(ManyRows.From(0, 300));
    }

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData("UPDATE mint_log SET outcome = 'ok'")]
    [InlineData("UPDATE mint_log SET outcome = 'ok' WHERE false")]
    [InlineData("DELETE FROM mint_log WHERE id = 300")]
    [InlineData("TRUNCATE mint_log")]
    [InlineData("UPDATE tree_tiles SET tile = 7")]
    [InlineData("DELETE FROM tree_tiles")]
    [InlineData("UPDATE checkpoints SET note = ''")]
    [InlineData("DELETE FROM checkpoints")]
    [InlineData("DELETE FROM checkpoint_keys")]
    [InlineData("DELETE FROM ledger_head")]
    [InlineData("UPDATE ledger_head SET last_id = last_id + 1")]
    [InlineData("UPDATE plugin_mint_log SET row_id = row_id + 1000")]
    [InlineData("DELETE FROM plugin_mint_log")]
    [InlineData("DELETE FROM ledger_form")]
    [InlineData("INSERT INTO ledger_head (last_id, size, root) VALUES (0, 0, " + Root + ")")]
    [InlineData("INSERT INTO ledger_form VALUES (2)")]
    [InlineData("ALTER TABLE mint_log DISABLE TRIGGER ALL")]
    [InlineData("DROP TRIGGER mint_log_no_change ON mint_log")]
    [InlineData("DROP TABLE mint_log")]
    [InlineData("SET session_replication_role = replica")]
    [InlineData("CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'")]
    [InlineData("CREATE TABLE more (id int)")]
    public void The_services_role_has_no_right_to(string sql) => RefusedAs(_access, sql, "42501");

    [Theory]
    [InlineData("UPDATE ledger_head SET size = size + 1")]
    [InlineData("UPDATE ledger_head SET size = 0")]
    [InlineData("UPDATE ledger_head SET size = size, root = root")]
    [InlineData("UPDATE ledger_head SET root = " + Root)]
    [InlineData("UPDATE plugin_mint_log SET status = 'confirmed'; UPDATE plugin_mint_log SET status = 'pending'")]
    [InlineData("INSERT INTO checkpoints VALUES (300, " + Root + ", '', 0)")]
    [InlineData("INSERT INTO checkpoints VALUES (301, " + Root + ", '', 0)")]
    [InlineData("INSERT INTO tree_tiles VALUES (0, 1, " + Root + ", decode(repeat('00', 8192), 'hex'))")]
    [InlineData("INSERT INTO tree_tiles VALUES (1, 0, " + Root + ", decode(repeat('00', 8192), 'hex'))")]
    public void The_triggers_refuse_the_services_role(string sql) => RefusedAs(_access, sql, "23001");

    [Theory]
    [InlineData("301", "23001", "come with a checkpoint")]
    [InlineData("302", "23001", "do not follow")]
    [InlineData("0", "23001", "do not follow")]
    [InlineData("300", "23505", "")]
    public void The_services_role_adds_no_row_out_of_order_or_without_a_checkpoint(string id, string code, string said)
    {
        var copy = $"INSERT INTO mint_log SELECT {id}, minted_at, requester_token, requester_wallet, requested_role, "
            + "session_duration_seconds, sts_session_name, outcome, outcome_detail, record_id || 'x', kind, "
            + "actor_omni, subject, request_id, request_hash, access_key_id, expires_at, evidence, leaf_hash "
            + "FROM mint_log WHERE id = 300";
        RefusedAs(_access, copy, code).ShouldContain(said);

        // Nor where it shows the triggers tables of its own, or wants them to look now.
        RefusedAs(_access, "CREATE TEMP TABLE ledger_head AS SELECT 301::bigint AS last_id, 301::bigint AS size; "
            + "CREATE TEMP TABLE checkpoints (tree_size bigint, root bytea); SET CONSTRAINTS ALL IMMEDIATE; " + copy,
            code);
    }

    [Theory]
    [InlineData("UPDATE mint_log SET outcome = 'ok'")]
    [InlineData("DELETE FROM mint_log")]
    [InlineData("TRUNCATE mint_log")]
    [InlineData("TRUNCATE mint_log CASCADE")]
    [InlineData("UPDATE tree_tiles SET tile = 7")]
    [InlineData("DELETE FROM tree_tiles")]
    [InlineData("DELETE FROM checkpoints")]
    [InlineData("UPDATE checkpoint_keys SET vkey = ''")]
    [InlineData("UPDATE ledger_head SET last_id = 0, size = 0")]
    [InlineData("TRUNCATE ledger_head")]
    [InlineData("DELETE FROM plugin_mint_log")]
    [InlineData("UPDATE plugin_mint_log SET minted_at = 0")]
    [InlineData("UPDATE ledger_form SET version = 2")]
    public void The_triggers_refuse_the_owner_too(string sql)
    {
        RefusedAs(_server.OwnerAccess(_access.Schema), sql, "23001");
        Should.Throw<PostgresException>(() => _server.Execute(
            $"SET search_path = {_access.Schema}; SET session_replication_role = replica; {sql}")).SqlState
            .ShouldBe("23001");
    }

    [Theory]
    [InlineData("UPDATE mint_log SET subject = 'other' WHERE id = 5", FindingCode.RowChanged)]
    [InlineData("DELETE FROM mint_log WHERE id = 7", FindingCode.RowMissing)]
    [InlineData("UPDATE tree_tiles SET root = " + Root, FindingCode.TileWrong)]
    [InlineData("UPDATE checkpoints SET root = " + Root, FindingCode.CheckpointWrong)]
    [InlineData("UPDATE ledger_head SET root = " + Root, FindingCode.CheckpointWrong)]
    [InlineData("DROP INDEX mint_log_record_id; UPDATE mint_log SET record_id = (SELECT record_id FROM mint_log "
        + "WHERE id = 3) WHERE id = 9", FindingCode.RecordRepeated)]
    [InlineData("INSERT INTO tree_tiles VALUES (0, 9, " + Root + ", decode(repeat('00', 8192), 'hex'))",
        FindingCode.TileWrong)]
    public void Verification_finds_what_the_owner_does_without_the_triggers(string sql, string code)
    {
        string[] tables = ["mint_log", "tree_tiles", "checkpoints", "ledger_head"];
        using (var owner = _server.Connect(_server.OwnerAccess(_access.Schema)))
        {
            foreach (var table in tables) Run(owner, $"ALTER TABLE {table} DISABLE TRIGGER USER");
            Run(owner, sql);
        }

        Findings().ShouldContain(FindingCode.TriggerMissing);
        Findings().ShouldContain(code);

        using (var owner = _server.Connect(_server.OwnerAccess(_access.Schema)))
        {
            foreach (var table in tables)
            {
                using var names = new NpgsqlCommand(
                    "SELECT string_agg(format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I;', $1, tgname), ' ') "
                    + "FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal", owner)
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = table } },
                };
                Run(owner, (string)names.ExecuteScalar()!);
            }
        }

        Findings().ShouldNotContain(FindingCode.TriggerMissing);
        Findings().ShouldContain(code);
    }

    [Theory]
    [InlineData("CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        + "AS 'BEGIN RETURN NULL; END'")]
    [InlineData("DROP TRIGGER checkpoints_no_change ON checkpoints")]
    [InlineData("DROP TRIGGER mint_log_only_append ON mint_log")]
    [InlineData("ALTER TABLE mint_log ENABLE TRIGGER mint_log_no_change")]
    [InlineData("CREATE OR REPLACE TRIGGER mint_log_no_change BEFORE DELETE ON mint_log FOR EACH STATEMENT "
        + "EXECUTE FUNCTION ledger_refuse_change(); ALTER TABLE mint_log ENABLE ALWAYS TRIGGER mint_log_no_change")]
    public void Verification_finds_triggers_that_are_not_as_they_were_made(string sql)
    {
        Findings().ShouldBeEmpty();
        using (var owner = _server.Connect(_server.OwnerAccess(_access.Schema))) Run(owner, sql);
        Findings().ShouldContain(FindingCode.TriggerMissing);
    }

    [Fact]
    public void A_ledger_is_not_opened_by_a_role_that_may_change_it()
    {
        Refused(_server.OwnerAccess(_access.Schema)).ShouldContain("may change what is on record");
        Refused(_server.Access(_access.Schema, "postgres")).ShouldContain("may change what is on record");
        _server.Execute($"GRANT DELETE ON {_access.Schema}.checkpoints TO {PostgresServer.ServiceRole}");
        Refused(_access).ShouldContain("may change what is on record");

        // Made right again by preparing it once more.
        PostgresLedger.Prepare(_server.OwnerAccess(_access.Schema), PostgresServer.ServiceRole);
        using var store = PostgresLedgerStore.Open(_access, tracksAnchor: true);
        store.Load().Size.ShouldBe(300);
    }

    [Fact]
    public void A_ledger_is_prepared_by_one_role_for_another()
    {
        var owner = _server.OwnerAccess("prepared");
        Should.Throw<LedgerOpenException>(() => PostgresLedger.Prepare(owner, PostgresServer.OwnerRole))
            .Message.ShouldContain("a role of its own");
        Should.Throw<LedgerOpenException>(() => PostgresLedger.Prepare(owner, "postgres"))
            .Message.ShouldContain("a role of its own");
        Should.Throw<LedgerOpenException>(() => PostgresLedger.Prepare(owner, "nobody\"; DROP TABLE mint_log; --"))
            .Message.ShouldContain("there is no role");
        Refused(_server.Access("prepared")).ShouldContain("has no ledger in the schema prepared");
        Should.Throw<LedgerOpenException>(
            () => PostgresLedger.Prepare(_server.Access("prepared"), PostgresServer.OwnerRole));
    }

    [Fact]
    public void A_ledger_of_another_form_is_refused()
    {
        var owner = _server.OwnerAccess(_access.Schema);
        using (var connection = _server.Connect(owner)) Run(connection, "INSERT INTO ledger_form VALUES (2)");

        Refused(_access).ShouldContain("has the form 2");
        Should.Throw<LedgerOpenException>(() => PostgresLedger.Prepare(owner, PostgresServer.ServiceRole))
            .Fault.ShouldBe(LedgerOpenFault.ForeignFile);
    }

    [Theory]
    [InlineData("on", "on")]
    [InlineData("local", "on")]
    [InlineData("remote_write", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public void A_session_waits_for_the_disk_at_least(string chosen, string becomes) =>
        WithDurability(chosen, () =>
        {
            using var connection = _server.Connect(_access);
            SessionRules.Apply(connection, _access);
            using var show = new NpgsqlCommand("SHOW synchronous_commit", connection);
            show.ExecuteScalar().ShouldBe(becomes);
        });

    [Fact]
    public void A_server_that_does_not_wait_for_the_disk_is_refused() => WithDurability("off", () =>
    {
        var said = Should.Throw<LedgerOpenException>(() => PostgresLedger.Open(
            new PostgresLedgerOptions { Access = _access, Origin = LedgerFolder.Origin, Kinds = Entries.Kinds },
            _key, TimeProvider.System));

        said.Fault.ShouldBe(LedgerOpenFault.NotWritable);
        said.Message.ShouldContain("synchronous_commit=off");
    });

    [Fact]
    public void The_password_comes_from_a_file_that_is_closed_to_others()
    {
        var open = Path.Combine(Path.GetDirectoryName(_server.Password)!, "open");
        File.Copy(_server.Password, open);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Refused(_access with { PasswordFile = open }).ShouldContain("chmod 600");
        Refused(_access with { PasswordFile = open + "-none" }).ShouldContain("must name a readable file");
        Refused(_access with { PasswordFile = null }).ShouldContain("password");
        File.WriteAllText(open, "wrong");
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Refused(_access with { PasswordFile = open }).ShouldContain("28P01");

        // Read at each connection.
        File.WriteAllText(open, File.ReadAllText(_server.Password));
        PostgresLedgerStore.Open(_access with { PasswordFile = open }, tracksAnchor: false).Dispose();
    }

    private void WithDurability(string chosen, Action act)
    {
        var alter = $"ALTER ROLE {PostgresServer.ServiceRole} ";
        _server.Execute(alter + $"SET synchronous_commit = {chosen}");
        try
        {
            act();
        }
        finally
        {
            _server.Execute(alter + "RESET synchronous_commit");
        }
    }

    private static string Refused(PostgresAccess access) =>
        Should.Throw<LedgerOpenException>(() => PostgresLedgerStore.Open(access, tracksAnchor: false)).Message;

    private string RefusedAs(PostgresAccess role, string sql, string code)
    {
        using (var connection = _server.Connect(role))
        {
            var refused = Should.Throw<PostgresException>(() => Run(connection, sql), sql);
            refused.SqlState.ShouldBe(code, $"{sql}: {refused.MessageText}");
            Findings().ShouldBeEmpty();
            return refused.MessageText;
        }
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private List<string> Findings()
    {
        using var source = PostgresSource.ForReading(_access);
        using var reader = new LedgerReader(() => new PostgresLedgerView(source));
        var request = new VerificationRequest { Keys = [new NoteSigner(LedgerFolder.Origin, _key).VerifierKey] };
        return [.. LedgerVerifier.Run(reader, request, null, CancellationToken.None).Findings.Select(one => one.Code)];
    }
}
