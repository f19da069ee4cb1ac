using Broker.Foundation;

namespace Broker.SignIn.Staged;

/// <summary>What a device calls itself. Anybody can write it, into a stranger's mail: it is kept short and plain.
/// </summary>
internal static class DeviceLabel
{
    public const int Longest = 64;

    /// <summary>1 to 64 characters that are seen, or spaces between them; none that turns the text around.</summary>
    public static bool IsPlain(string label) => PlainText.IsPlain(label, Longest);

    /// <summary>For mails, whose programs make links of what looks like an address.</summary>
    public static string WithoutLinks(string label) =>
        label.Replace('.', ' ').Replace('/', ' ').Replace('\\', ' ').Replace(':', ' ').Replace('@', ' ');
}
