namespace Broker.Ledger;

/// <summary>
/// The column <c>sts_session_name</c>: under which name the credential shows elsewhere. Printable ASCII without spaces,
/// 1 to 256 characters.
/// </summary>
public readonly record struct EntrySession
{
    private const int Longest = 256;

    private readonly string? _text;

    private EntrySession(string text) => _text = text;

    /// <summary>Nobody was let in.</summary>
    public static EntrySession Unauthenticated => default;

    /// <summary>The entry sums up others.</summary>
    public static EntrySession Summary { get; } = new("(summary)");

    /// <summary>
    /// A role session's name, a signing key's id, the id of an entry that is meant, or a measured identity.
    /// </summary>
    /// <exception cref="ArgumentException">The name is not of the column's form.</exception>
    public static EntrySession Of(string name) =>
        name.Length is > 0 and <= Longest && !name.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new EntrySession(name)
            : throw new ArgumentException("internal error: not a session name", nameof(name));

    /// <summary>As it stands in the row.</summary>
    public override string ToString() => _text ?? "(unauthenticated)";
}
