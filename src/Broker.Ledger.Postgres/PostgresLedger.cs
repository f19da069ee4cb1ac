using Broker.Cryptography;
using Broker.Ledger.Anchors;
using Broker.Ledger.Notes;
using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Postgres.Log;
using Broker.Ledger.Postgres.Schema;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Postgres;

/// <summary>Prepares and opens ledgers that are in a PostgreSQL database.</summary>
public static class PostgresLedger
{
    /// <summary>
    /// Makes the tables of a ledger, as the role that shall own them, and lets the service's role read them and append.
    /// Changes nothing where it has been done; another service's role may be added so. The owner needs CREATE on the
    /// database; the service's role exists already, with LOGIN and without any right over the owner.
    /// </summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be made, with the reason.</exception>
    public static void Prepare(PostgresAccess owner, string serviceRole) => Guarded(owner, () =>
    {
        LedgerPreparation.Run(owner, serviceRole);
        return true;
    });

    /// <summary>
    /// Opens a ledger for writing that <see cref="Prepare"/> has made. Any number of processes may open one. The key
    /// stays the caller's; dispose of it after the ledger.
    /// </summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(
        PostgresLedgerOptions options, Ed25519SigningKey checkpointKey, TimeProvider time) =>
        Open(options, new CheckpointSigners(options.Origin, [checkpointKey]), time);

    /// <summary>The same with several keys, as <see cref="ReleaseLedger.SignWith"/> has them.</summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(PostgresLedgerOptions options, CheckpointSigners signers, TimeProvider time) =>
        Guarded(options.Access, () => ReleaseLedger.Open(
            PostgresLedgerStore.Open(options.Access, tracksAnchor: false), options, signers, time));

    /// <summary>The same with a second anchor, which the policy of its options says how to wait for.</summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(
        PostgresLedgerOptions options, CheckpointSigners signers, ILedgerAnchor anchor, AnchorOptions following,
        TimeProvider time) =>
        Guarded(options.Access, () => ReleaseLedger.Open(
            PostgresLedgerStore.Open(options.Access, tracksAnchor: true), options, signers, anchor, following, time));

    private static T Guarded<T>(PostgresAccess access, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is LedgerStoreException || PostgresFailure.Is(e))
        {
            throw LedgerOpenException.For(
                access.Address.ToString(), e as LedgerStoreException ?? PostgresFailure.Of(e));
        }
    }
}
