using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Index;
using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Verification;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests;

/// <summary>A folder with a ledger of its own on disk, and the key that signs it; gone after the test.</summary>
internal sealed class LedgerFolder : IDisposable
{
    public const string Origin = "broker.example/ledger";

    public LedgerFolder(string? parent = null)
    {
        Folder = Path.Combine(parent ?? Path.GetTempPath(), $"ledger-{Guid.NewGuid():n}");
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public string File => Path.Combine(Folder, "audit.sqlite");

    public string Index => Path.Combine(Folder, "audit-index.sqlite");

    public Ed25519SigningKey Key { get; } = Ed25519SigningKey.Generate();

    public SqliteLedgerOptions Options => new() { Path = File, Origin = Origin, Kinds = Entries.Kinds };

    public ReleaseLedger Open() => SqliteLedger.Open(Options, Key, TimeProvider.System);

    public ReleaseLedger Open(Func<SqliteLedgerOptions, SqliteLedgerOptions> change) =>
        SqliteLedger.Open(change(Options), Key, TimeProvider.System);

    /// <summary>The file as a store, with an index that follows it as closely as the test wants.</summary>
    public SqliteLedgerStore OpenStore(IndexPace? pace = null) =>
        SqliteLedgerStore.Open(File, TimeSpan.FromSeconds(2), tracksAnchor: false, pace);

    /// <summary>Makes an empty ledger file of an earlier form.</summary>
    public LedgerFolder OfVersion(long version)
    {
        using var database = SqliteDatabase.OpenForWriting(File, TimeSpan.FromSeconds(1));
        database.Execute("BEGIN");
        SqliteLedgerSchema.CreateTables(database, version);
        SqliteLedgerSchema.CreateTriggers(database, version);
        database.Execute("COMMIT");
        return this;
    }

    public LedgerReader Read() => SqliteLedger.OpenReader(File);

    public VerificationReport Verify(params NoteKey[] keys) => Verify(new VerificationRequest { Keys = keys });

    public VerificationReport Verify(VerificationRequest request)
    {
        using var reader = Read();
        return LedgerVerifier.Run(reader, request, null, CancellationToken.None);
    }

    public void Dispose()
    {
        Key.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
