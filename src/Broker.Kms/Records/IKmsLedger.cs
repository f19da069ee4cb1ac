using Broker.Kms.Derivation;
using Broker.Ledger.Refusals;
using Broker.Ledger.Writing;

namespace Broker.Kms.Records;

/// <summary>
/// The ledger that a KMS writes to. Where its own roots give the ledger's key there is none before the roots.
/// </summary>
public interface IKmsLedger
{
    /// <summary>Null before there are roots.</summary>
    ReleaseLedger? Ledger { get; }

    /// <summary>Null before there are roots.</summary>
    RefusalRecorder? Refusals { get; }

    /// <summary>Opens it where it is not open yet. Called before new roots go on record.</summary>
    void Open(BrokerKeys keys);
}

/// <summary>The process's own, open from the start.</summary>
internal sealed class OpenLedger(ReleaseLedger ledger, RefusalRecorder refusals) : IKmsLedger
{
    public ReleaseLedger Ledger => ledger;

    public RefusalRecorder Refusals => refusals;

    public void Open(BrokerKeys keys)
    {
    }
}
