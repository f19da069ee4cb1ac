namespace Broker.Modules;

/// <summary>
/// A change of the state database that a feature brings, most often a table. Applied once, in the order of the modules;
/// never edited once shipped.
/// </summary>
/// <param name="Name">Its name among all changes, such as <c>wallet/0001-challenges</c>.</param>
/// <param name="Script">SQL that may find its work done: <c>CREATE TABLE IF NOT EXISTS …</c>.</param>
internal sealed record StateTable(string Name, string Script)
{
    /// <summary>
    /// The table whose rows have <c>expires_at</c> in Unix seconds and are forgotten a day after; null where rows stay.
    /// </summary>
    public string? Expiring { get; init; }

    /// <summary>
    /// SQL that takes out of some rows what names a person, once they have expired at <c>@Now</c>, at most
    /// <c>@Most</c> of them; run every minute. Null where a row names nobody.
    /// </summary>
    public string? Blanking { get; init; }
}
