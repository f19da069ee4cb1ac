using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.SignIn.Staged;

/// <summary>What a device calls itself. Anybody can write it, into a stranger's mail: it is kept short and plain.
/// </summary>
internal static class DeviceLabel
{
    public const int Longest = 64;

    /// <summary>What the broker's own page calls itself. No other device may.</summary>
    public const string OwnPage = "the browser page of this broker";

    /// <summary>1 to 64 characters that are seen, or spaces between them; none that turns the text around.</summary>
    public static bool IsPlain(string label) => PlainText.IsPlain(label, Longest);

    /// <summary>Whether a device calls itself what only our own page is called, or nearly so.</summary>
    public static bool IsOwnPage(string? label) => string.Equals(
        label?.Replace(" ", "", StringComparison.Ordinal), OwnPage.Replace(" ", "", StringComparison.Ordinal),
        StringComparison.OrdinalIgnoreCase);

    /// <summary>Null when another device may call itself so.</summary>
    public static Refusal? CheckForeign(string? label) => IsOwnPage(label)
        ? new Refusal(HttpRefusals.InvalidField, "device_label is the name of the broker's own page; choose another")
        : null;

    /// <summary>For mails, whose programs make links of what looks like an address.</summary>
    public static string WithoutLinks(string label) =>
        label.Replace('.', ' ').Replace('/', ' ').Replace('\\', ' ').Replace(':', ' ').Replace('@', ' ');
}
