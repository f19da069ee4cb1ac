using System.CommandLine.Parsing;
using System.Globalization;
using Broker.Foundation;

namespace Broker.Cli.Terminal;

/// <summary>
/// A moment on the command line: ISO 8601 (UTC unless it says otherwise), Unix seconds, or an age as in <c>90m</c>,
/// <c>24h</c>, <c>7d</c>.
/// </summary>
internal static class Moment
{
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset moment)
    {
        moment = default;
        if (text.Length is 0 or > 40) return false;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            if (seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return false;
            moment = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return true;
        }

        if (text.Length <= 7 && int.TryParse(
            text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
            moment = now.AddSeconds(-(double)count * unit);
            return unit > 0;
        }

        moment = ReadIso(text) ?? default;
        return moment != default;
    }

    /// <summary>
    /// RFC 3339, a space for the T allowed; or without its offset (UTC), its seconds, its time (midnight). Nothing
    /// that needs to be guessed, such as <c>3-4</c>.
    /// </summary>
    public static DateTimeOffset? ReadIso(string text)
    {
        var spaced = text.Length > 10 && text[10] == ' ' ? $"{text[..10]}T{text[11..]}" : text;
        return Rfc3339.Read(spaced) ?? Rfc3339.Read(spaced + "Z") ?? Rfc3339.Read(spaced + ":00Z")
            ?? Rfc3339.Read(spaced + "T00:00:00Z");
    }

    /// <summary>For an option of type <c>DateTimeOffset?</c>.</summary>
    public static DateTimeOffset? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, DateTimeOffset.UtcNow, out var moment)) return moment;
        result.AddError($"\"{text}\" is not a moment: ISO 8601, Unix seconds, or an age such as 24h");
        return null;
    }
}
