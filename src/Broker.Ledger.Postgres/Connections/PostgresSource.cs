using System.Globalization;
using Broker.Foundation.Settings;
using Npgsql;

namespace Broker.Ledger.Postgres.Connections;

/// <summary>Makes connections to one database, with the session's rules as parameters of its start.</summary>
internal static class PostgresSource
{
    private const int LongestPassword = 1024;

    // A transaction is a few round trips: one that idles this long has lost its client, whose network says nothing.
    private const int IdleInTransactionSeconds = 10;

    private const int LivenessSeconds = 5;

    /// <summary>Connections that write, each a session of its own.</summary>
    public static NpgsqlDataSource ForWriting(PostgresAccess access)
    {
        var settings = Settings(access, "lock_timeout=" + Milliseconds(access.BusyTimeout));
        settings.Pooling = false;
        return Build(access, settings);
    }

    /// <summary>Connections that can only read, from a pool.</summary>
    public static NpgsqlDataSource ForReading(PostgresAccess access)
    {
        var settings = Settings(access, "default_transaction_read_only=on");
        settings.MaxPoolSize = access.MaxReaders;
        return Build(access, settings);
    }

    /// <summary>What the driver is told.</summary>
    public static NpgsqlConnectionStringBuilder Settings(PostgresAccess access, params string[] parameters) => new()
    {
        Host = access.Address.Host,
        Port = access.Address.Port,
        Username = access.Address.User,
        Database = access.Address.Database,
        SearchPath = access.Schema,
        ApplicationName = "broker",

        // Whoever answers at an address of this machine is the machine's own; any other server proves its name.
        SslMode = access.Address.IsUnixSocket ? SslMode.Disable
            : access.Address.IsLocal ? SslMode.Prefer : SslMode.VerifyFull,
        GssEncryptionMode = GssEncryptionMode.Disable,
        RootCertificate = access.AuthoritiesFile,
        Timeout = Seconds(access.AnswerTimeout),
        CommandTimeout = Seconds(access.AnswerTimeout),
        TcpKeepAlive = !access.Address.IsUnixSocket,
        TcpKeepAliveTime = access.Address.IsUnixSocket ? 0 : LivenessSeconds,
        TcpKeepAliveInterval = access.Address.IsUnixSocket ? 0 : LivenessSeconds,
        MaxAutoPrepare = 64,
        AutoPrepareMinUsages = 2,
        Options = string.Join(' ', parameters
            .Concat([
                $"idle_in_transaction_session_timeout={IdleInTransactionSeconds}s",
                $"client_connection_check_interval={LivenessSeconds}s",
                $"tcp_keepalives_idle={LivenessSeconds}",
                $"tcp_keepalives_interval={LivenessSeconds}",
                "jit=off",
            ])
            .Select(parameter => $"-c {parameter}")),
    };

    /// <summary>The password as its file has it now; empty where none is needed.</summary>
    /// <exception cref="FormatException">The file cannot be used.</exception>
    public static string Password(PostgresAccess access) =>
        access.PasswordFile is { } file ? SecretFile.ReadText(file, LongestPassword) : "";

    private static NpgsqlDataSource Build(PostgresAccess access, NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableTransportSecurity();

        // Types of the server's own only: none has to be looked up.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));

        // Asked before PGPASSWORD and ~/.pgpass, and never without an answer: the password has one place.
        builder.UsePasswordProvider(_ => Password(access), (_, _) => ValueTask.FromResult(Password(access)));
        return builder.Build();
    }

    private static int Seconds(TimeSpan span) => Math.Max(1, (int)Math.Ceiling(span.TotalSeconds));

    private static string Milliseconds(TimeSpan span) =>
        Math.Max(1, (long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
