using Broker.Ledger.Postgres;
using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Tests.Faults;
using Npgsql;

namespace Broker.Ledger.Tests.Postgres;

/// <summary>
/// A PostgreSQL of Debian's package, in a folder of its own, that listens on a unix socket there and nowhere else; gone
/// after the test. The service's role and the owner's sign in with passwords, the superuser without.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string Account = "postgres";
    private const string Database = "broker";
    private const string Service = "broker_service";
    private const string Owner = "broker_owner";

    // The server refuses to run as root; Debian's package has made an account for it.
    private static readonly bool IsRoot = Environment.UserName == "root";

    private readonly string _folder = Directory.CreateTempSubdirectory("pg-").FullName;
    private int _schemas;

    public PostgresServer()
    {
        if (!File.Exists($"{Programs}/initdb"))
        {
            throw new InvalidOperationException(
                $"there is no {Programs}/initdb: run scripts/install-requirements.sh --tests");
        }

        try
        {
            if (IsRoot) Command.Run("chown", Account, _folder);
            RunAsAccount("initdb", "-D", Data, "-U", Account, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
            File.WriteAllText(Path.Combine(Data, "pg_hba.conf"), $"""
                local all {Account} trust
                local all all scram-sha-256
                """);
            File.AppendAllText(Path.Combine(Data, "postgresql.conf"), $"""
                listen_addresses = ''
                unix_socket_directories = '{_folder}'
                shared_buffers = 16MB
                autovacuum = off
                """);
            File.WriteAllText(Password, "correct horse battery staple\n");
            File.SetUnixFileMode(Password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Start();
            Execute($"""
                CREATE ROLE {Owner} LOGIN PASSWORD 'correct horse battery staple';
                CREATE ROLE {Service} LOGIN PASSWORD 'correct horse battery staple';
                """, Account);
            Execute($"CREATE DATABASE {Database} OWNER {Owner}", Account);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The folder of the socket.</summary>
    public string Socket => Path.Combine(_folder, ".s.PGSQL.5432");

    /// <summary>A file with the password of both roles.</summary>
    public string Password => Path.Combine(_folder, "password");

    private string Data => Path.Combine(_folder, "data");

    /// <summary>How a role reaches a schema of the database, with the tests' short time limits.</summary>
    public PostgresAccess Access(string schema, string role = Service, int? proxyPort = null)
    {
        var host = proxyPort is { } port ? $"127.0.0.1:{port}" : _folder.Replace("/", "%2F", StringComparison.Ordinal);
        return new PostgresAccess
        {
            Address = PostgresAddress.Parse($"postgres://{role}@{host}/{Database}"),
            PasswordFile = Password,
            Schema = schema,
            AnswerTimeout = TimeSpan.FromSeconds(5),
        };
    }

    /// <summary>The same as the role that owns the tables.</summary>
    public PostgresAccess OwnerAccess(string schema) => Access(schema, Owner);

    /// <summary>Makes a ledger in a schema of its own, and says how the service reaches it.</summary>
    public PostgresAccess NewLedger()
    {
        var schema = $"ledger_{Interlocked.Increment(ref _schemas)}";
        PostgresLedger.Prepare(OwnerAccess(schema), Service);
        return Access(schema);
    }

    public static string ServiceRole => Service;

    public static string OwnerRole => Owner;

    public static string DatabaseName => Database;

    /// <summary>Runs statements as the superuser.</summary>
    public void Execute(string sql, string database = Database)
    {
        using var connection = new NpgsqlConnection(
            $"Host={_folder};Username={Account};Database={database};Pooling=false;Include Error Detail=true");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>A session of a role, in a schema.</summary>
    public NpgsqlConnection Connect(PostgresAccess access)
    {
        var connection = new NpgsqlConnection(
            $"Host={_folder};Username={access.Address.User};Database={Database};Search Path={access.Schema};"
            + $"Password={PostgresSource.Password(access)};Pooling=false");
        connection.Open();
        return connection;
    }

    public void Start() => RunAsAccount(
        "pg_ctl", "start", "-w", "-t", "60", "-D", Data, "-l", Path.Combine(_folder, "log"));

    /// <summary>For a test that comes behind one that failed.</summary>
    public void StartUnlessRunning()
    {
        if (Processes().Count == 0) Start();
    }

    /// <summary>Kills every process of the server at once, as a power cut would.</summary>
    public void Kill()
    {
        for (var left = Processes(); left.Count > 0; left = Processes())
        {
            foreach (var process in left) Signal(process, "-KILL");
            Thread.Sleep(10);
        }

        // A process that nobody has waited for yet counts as one that runs, to the server that starts.
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        File.Delete(Socket + ".lock");
    }

    /// <summary>Stops every process of the server in its place; they go on after <see cref="Resume"/>.</summary>
    public void Pause()
    {
        foreach (var process in Processes()) Signal(process, "-STOP");
    }

    public void Resume()
    {
        foreach (var process in Processes()) Signal(process, "-CONT");
    }

    public void Dispose()
    {
        try
        {
            if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            {
                Resume();
                RunAsAccount("pg_ctl", "stop", "-m", "immediate", "-w", "-D", Data);
            }
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static void RunAsAccount(string program, params string[] arguments)
    {
        string[] command = [$"{Programs}/{program}", .. arguments];
        if (IsRoot) command = ["runuser", "-u", Account, "--", .. command];
        Command.Run(command[0], command[1..]);
    }

    private static void Signal(string process, string signal)
    {
        try
        {
            Command.Run("kill", signal, process);
        }
        catch (InvalidOperationException) when (!Directory.Exists($"/proc/{process}"))
        {
            // It has ended meanwhile.
        }
    }

    // Every process of a server works in its data folder, and no other process does.
    private List<string> Processes() =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(folder => WorksIn(folder) == Data)
            .Select(folder => Path.GetFileName(folder)),
    ];

    private static string? WorksIn(string process)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(process)[0])
                ? new FileInfo(Path.Combine(process, "cwd")).LinkTarget
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
