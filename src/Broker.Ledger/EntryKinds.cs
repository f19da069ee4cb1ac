namespace Broker.Ledger;

/// <summary>The kinds of entry that a process records. The ledger writes no other.</summary>
public sealed class EntryKinds
{
    private readonly HashSet<EntryKind> _kinds = [];

    /// <exception cref="ArgumentException">Two features have declared the same text.</exception>
    public EntryKinds(IEnumerable<EntryKind> kinds)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in kinds.Append(SumOfRefusals))
        {
            if (!texts.Add(kind.Text))
                throw new ArgumentException($"internal error: the kind \"{kind}\" is declared twice", nameof(kinds));
            _kinds.Add(kind);
        }
    }

    /// <summary>The sum of refusals that got no entry of their own.</summary>
    public static EntryKind SumOfRefusals { get; } = new("refusals");

    /// <summary>The texts of those that take from an actor's budget.</summary>
    public IReadOnlySet<string> Spending =>
        _kinds.Where(kind => kind.SpendsBudget).Select(kind => kind.Text).ToHashSet(StringComparer.Ordinal);

    public bool Contains(EntryKind kind) => _kinds.Contains(kind);
}
