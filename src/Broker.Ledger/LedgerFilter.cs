namespace Broker.Ledger;

/// <summary>Which rows to read; what is null does not narrow.</summary>
public sealed record LedgerFilter
{
    public string? Wallet { get; init; }

    public string? ActorOmni { get; init; }

    public string? Role { get; init; }

    public string? Outcome { get; init; }

    /// <summary>Rows of this moment and later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Rows before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Rows with a greater id.</summary>
    public long AfterId { get; init; }

    /// <summary>At most so many rows; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>The newest rows first.</summary>
    public bool NewestFirst { get; init; }
}
