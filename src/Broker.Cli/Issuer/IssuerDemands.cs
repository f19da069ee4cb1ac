using Broker.Ledger.Notes;

namespace Broker.Cli.Issuer;

/// <summary>What the caller demands of an issuer.</summary>
/// <param name="Issuer">As it stands in tokens, byte for byte.</param>
/// <param name="Oldest">Evidence that was made before is stale.</param>
/// <param name="Now">The time as of which all is judged.</param>
internal sealed record IssuerDemands(
    string Issuer, Expectations Expectations, DateTimeOffset Oldest, DateTimeOffset Now)
{
    /// <summary>Null where none was given.</summary>
    public GivenReceipt? Receipt { get; init; }
}

/// <param name="Receipt">Null where the text is none.</param>
/// <param name="Entry">The entry's canonical bytes; null where they were not given.</param>
internal sealed record GivenReceipt(InclusionReceipt? Receipt, byte[]? Entry);
