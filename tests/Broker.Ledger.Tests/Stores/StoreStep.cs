namespace Broker.Ledger.Tests.Stores;

/// <summary>Where a store can fail.</summary>
internal enum StoreStep
{
    Load,

    /// <summary>Nothing of the commit was looked at.</summary>
    BeforeCommit,

    /// <summary>Some of it was written; none of it is kept.</summary>
    AmidCommit,

    /// <summary>All of it is kept, and the writer does not hear so.</summary>
    AfterCommit,

    Probe,
    OpenView,
}
