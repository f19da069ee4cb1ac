namespace Broker.Ledger;

/// <summary>Which rows to read; what is null does not narrow.</summary>
public sealed record LedgerFilter
{
    public string? Wallet { get; init; }

    public string? ActorOmni { get; init; }

    /// <summary>The whole value, or the last part of an ARN.</summary>
    public string? Role { get; init; }

    public string? Outcome { get; init; }

    /// <summary>See <see cref="EntryKind"/>.</summary>
    public string? Kind { get; init; }

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

    /// <summary>Whether a row is one of those, whatever its id.</summary>
    public bool Matches(LedgerColumns row) =>
        (Wallet is null || Wallet == row.RequesterWallet)
        && (ActorOmni is null || ActorOmni == row.ActorOmni)
        && (Outcome is null || Outcome == row.Outcome)
        && (Kind is null || Kind == row.Kind)
        && (Since is null || row.MintedAt >= Since.Value.ToUnixTimeSeconds())
        && (Until is null || row.MintedAt < Until.Value.ToUnixTimeSeconds())
        && (Role is null || Role == row.RequestedRole
            || row.RequestedRole.EndsWith($"/{Role}", StringComparison.Ordinal));
}
