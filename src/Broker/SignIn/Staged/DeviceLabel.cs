using System.Globalization;
using System.Text;

namespace Broker.SignIn.Staged;

/// <summary>What a device calls itself. Anybody can write it, into a stranger's mail: it is kept short and plain.
/// </summary>
internal static class DeviceLabel
{
    public const int Longest = 64;

    /// <summary>1 to 64 characters that are seen, or spaces between them; none that turns the text around.</summary>
    public static bool IsPlain(string label)
    {
        if (label.Length is 0 or > Longest || char.IsWhiteSpace(label[0]) || char.IsWhiteSpace(label[^1])) return false;
        foreach (var rune in label.EnumerateRunes())
        {
            if (rune.Value != ' ' && IsUnseen(Rune.GetUnicodeCategory(rune))) return false;
        }

        return !label.Contains('\uFFFD');
    }

    /// <summary>For mails, whose programs make links of what looks like an address.</summary>
    public static string WithoutLinks(string label) =>
        label.Replace('.', ' ').Replace('/', ' ').Replace('\\', ' ').Replace(':', ' ').Replace('@', ' ');

    private static bool IsUnseen(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator;
}
