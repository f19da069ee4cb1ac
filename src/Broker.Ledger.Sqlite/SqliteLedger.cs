using Broker.Cryptography;
using Broker.Ledger.Anchors;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Index;
using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Sqlite;

/// <summary>Opens ledgers that are SQLite files.</summary>
public static class SqliteLedger
{
    /// <summary>
    /// Opens the ledger for writing, creating it when there is none. One process writes a file. The key stays the
    /// caller's; dispose of it after the ledger.
    /// </summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(SqliteLedgerOptions options, Ed25519SigningKey checkpointKey, TimeProvider time) =>
        Open(options, new CheckpointSigners(options.Origin, [checkpointKey]), time);

    /// <summary>The same with several keys, as <see cref="ReleaseLedger.SignWith"/> has them.</summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(SqliteLedgerOptions options, CheckpointSigners signers, TimeProvider time) =>
        Guarded(options.Path, () => ReleaseLedger.Open(
            SqliteLedgerStore.Open(options.Path, options.BusyTimeout, tracksAnchor: false), options, signers, time));

    /// <summary>The same with a second anchor, which the policy of its options says how to wait for.</summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(
        SqliteLedgerOptions options, CheckpointSigners signers, ILedgerAnchor anchor, AnchorOptions following,
        TimeProvider time) =>
        Guarded(options.Path, () => ReleaseLedger.Open(
            SqliteLedgerStore.Open(options.Path, options.BusyTimeout, tracksAnchor: true), options, signers, anchor,
            following, time));

    /// <summary>Reads an existing ledger, beside a process that writes it or without one.</summary>
    /// <exception cref="LedgerOpenException">There is no ledger at this path, or it cannot be read.</exception>
    public static LedgerReader OpenReader(string path)
    {
        try
        {
            var index = new ForeignIndex(path);
            return new LedgerReader(() => new SqliteLedgerView(path, index));
        }
        catch (SqliteFailure e)
        {
            throw new LedgerOpenException(
                LedgerOpenFault.ForeignFile, $"\"{path}\" is not a ledger that can be read: {e.Message}", e);
        }
    }

    /// <summary>Where the index of the ledger at this path lies, which nothing else may be.</summary>
    public static string IndexOf(string path) => IndexPath.Of(path);

    private static ReleaseLedger Guarded(string path, Func<ReleaseLedger> open)
    {
        try
        {
            return open();
        }
        catch (SqliteFailure e)
        {
            throw LedgerOpenException.For(path, e);
        }
    }
}
