namespace Broker.Ledger.Postgres.Connections;

/// <summary>How a database is reached, and where in it the ledger is.</summary>
public sealed record PostgresAccess
{
    /// <summary>The name of the schema that ledgers are in where none is given.</summary>
    public const string UsualSchema = "broker_ledger";

    private readonly string _schema = UsualSchema;

    public required PostgresAddress Address { get; init; }

    /// <summary>
    /// A file that holds the password and that only its owner may read, see
    /// <see cref="Foundation.Settings.SecretFile"/>. Read at each connection, so that a password can be changed while
    /// the process runs. Null where the server asks for none, as for <c>peer</c> at a unix socket.
    /// </summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// A file of the certificates, in PEM, that sign the server's; null for those that the system trusts. The server's
    /// name and certificate are verified unless <see cref="PostgresAddress.IsLocal"/>.
    /// </summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>
    /// The schema with the ledger's tables, one for each ledger of a database: 1 to 63 lower-case letters, digits and
    /// underscores, no digit first.
    /// </summary>
    /// <exception cref="ArgumentException">It is another name.</exception>
    public string Schema
    {
        get => _schema;
        init => _schema = IsSchema(value)
            ? value
            : throw new ArgumentException("a schema is 1 to 63 lower-case letters, digits and underscores");
    }

    /// <summary>How long a commit waits while another holds the head.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the server may take to be reached, and to answer a statement. Whole seconds.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many connections read at most; more readers wait for one of them.</summary>
    public int MaxReaders { get; init; } = 16;

    private static bool IsSchema(string name) =>
        name.Length is > 0 and <= 63 && !char.IsAsciiDigit(name[0])
        && !name.StartsWith("pg_", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
