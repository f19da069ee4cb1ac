namespace Broker.Ledger.Sqlite.Index;

/// <summary>Whether a ledger has an index that can be used, as the views of one process share it.</summary>
internal interface IIndexAccess
{
    /// <summary>The index file.</summary>
    string Path { get; }

    /// <summary>The rows that the index may not cover yet; null where this process does not write them.</summary>
    IndexTail? Tail { get; }

    /// <summary>
    /// A number for the index as it is, another one after it was made anew; null when there is none to be used. Waits
    /// for the check of the index that comes before its first use.
    /// </summary>
    int? Generation();

    /// <summary>A look-up has shown that this index is wrong: it is used no more.</summary>
    void Distrust(int generation);
}
