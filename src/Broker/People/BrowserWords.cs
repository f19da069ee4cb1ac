namespace Broker.People;

/// <summary>
/// What browser a person uses, in words: by the names that browsers give themselves. Whatever else the header holds,
/// nothing of it is shown or kept.
/// </summary>
internal static class BrowserWords
{
    private const int Longest = 1024;

    // In this order: most browsers name those before them too.
    private static readonly (string Mark, string Words)[] Programs =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome or Chromium"),
        ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Words)[] Systems =
    [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    /// <param name="userAgent">The header as it came; null where there was none.</param>
    public static string Of(string? userAgent)
    {
        var text = userAgent is { Length: <= Longest } ? userAgent : "";
        var system = Find(Systems, text);
        return (Find(Programs, text) ?? "a browser") + (system is null ? "" : $" on {system}");
    }

    private static string? Find((string Mark, string Words)[] all, string text) =>
        all.FirstOrDefault(one => text.Contains(one.Mark, StringComparison.Ordinal)).Words;
}
