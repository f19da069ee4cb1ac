using System.Text.RegularExpressions;

namespace Broker.Inbox.Messages;

/// <summary>
/// Recognises what a sign-up waits for: a code that stands near a word such as <c>code</c>, <c>OTP</c>, <c>PIN</c> or
/// <c>verification</c>, and the link that confirms. It guesses, from what a stranger wrote: who uses it decides.
/// </summary>
internal static partial class SignUpHints
{
    private const int Looked = 20_000;
    private const int Near = 80;

    /// <summary>
    /// Four to eight digits, or six to eight letters and digits with one of each; the one nearest to such a word. A
    /// year is taken where nothing else is there. Google's <c>G-123456</c> gives the digits, which its page wants.
    /// </summary>
    public static string? CodeIn(string subject, string text)
    {
        var looked = TextLinks.CutFrom($"{subject} . {text[..Math.Min(text.Length, Looked)]}");
        looked = Blank().Replace(looked, " ");
        var words = Word().Matches(looked);
        if (words.Count == 0) return null;
        string? best = null;
        var (bestYear, bestDistance) = (true, int.MaxValue);
        var next = 0;
        foreach (Match code in Code().Matches(looked))
        {
            // The words stand in their order: the one before the code and the one behind it are the nearest.
            while (next < words.Count && words[next].Index < code.Index) next++;
            var distance = Math.Min(
                next > 0 ? code.Index - (words[next - 1].Index + words[next - 1].Length) : int.MaxValue,
                next < words.Count ? words[next].Index - (code.Index + code.Length) : int.MaxValue);
            if (distance > Near) continue;
            var value = code.Groups[1].Value;
            var isYear = value.Length == 4 && value[..2] is "19" or "20";
            if ((isYear, distance).CompareTo((bestYear, bestDistance)) >= 0) continue;
            (best, bestYear, bestDistance) = (value, isYear, distance);
        }

        return best;
    }

    /// <summary>The first of the links that speak most plainly of a confirmation; null where none does.</summary>
    public static string? LinkAmong(IEnumerable<FoundLink> links) => links
        .Select(link => (link.Address, Score: ScoreOf(link)))
        .Where(one => one.Score > 0)
        .OrderByDescending(one => one.Score)
        .FirstOrDefault().Address;

    private static int ScoreOf(FoundLink link)
    {
        var behindHost = new Uri(link.Address).PathAndQuery;
        if (Leave().IsMatch(behindHost)) return 0;
        if (Confirm().IsMatch(behindHost)) return 3;
        if (Confirm().IsMatch(link.Words)) return 2;
        return Enter().IsMatch(behindHost) ? 1 : 0;
    }

    [GeneratedRegex(
        @"\b(?:\w{0,24}codes?|otp|pin|passcode|verification|verify|confirmation|one-time|2fa|c[oó]digo|codice)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(
        @"(?<![\p{L}\p{Nd}_./@#$€£+%-]|\p{Nd}[:,])(?:G-)?"
        + "([0-9]{4,8}|(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{6,8})"
        + @"(?![\p{L}\p{Nd}_%]|[-.,/@:][\p{L}\p{Nd}])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex(
        "verif|confirm|activat|validat|best[aä]tig", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Confirm();

    [GeneratedRegex(
        "magic|sign-?in|log-?in|sign-?up|regist|token=|otp|one-?time|welcome|invit",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Enter();

    [GeneratedRegex(
        "unsubscribe|preference|privacy|terms|/help", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Leave();
}
