namespace Broker.Ledger;

/// <summary>
/// What an entry is about, as the column <c>kind</c> says it. The feature that records entries declares their kinds;
/// <see cref="EntryKinds"/> holds those of a process.
/// </summary>
public sealed class EntryKind
{
    private const int Longest = 40;

    /// <param name="text">Snake case, at most 40 characters. Operators' queries depend on it: never renamed.</param>
    /// <exception cref="ArgumentException">The text is not of that form.</exception>
    public EntryKind(string text)
    {
        if (text.Length is 0 or > Longest || !text.All(c => char.IsAsciiLetterLower(c) || c == '_'))
            throw new ArgumentException($"internal error: \"{text}\" cannot name a kind of entry", nameof(text));
        Text = text;
    }

    /// <summary>As it stands in the row.</summary>
    public string Text { get; }

    /// <summary>True where a release of this kind takes from its actor's hourly budget.</summary>
    public bool SpendsBudget { get; init; }

    public override string ToString() => Text;
}
