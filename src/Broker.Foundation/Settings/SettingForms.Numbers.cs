using System.Globalization;

namespace Broker.Foundation.Settings;

/// <content>Numbers and durations.</content>
public static partial class SettingForms
{
    /// <summary>How the form of a duration is told.</summary>
    public const string DurationForm = "a number with ms, s, m or h, above 0 and at most 24h; without a unit seconds";

    private const int MostPort = 65_535;

    public static Func<string, int> Whole(string name, int low, int high) => value =>
    {
        var number = WholeNumber(value, "a whole number");
        return number >= low && number <= high
            ? number
            : throw new FormatException($"{name} must be between {low} and {high}, got {number}");
    };

    /// <summary>0 lets the system choose.</summary>
    public static int Port(string value)
    {
        var number = WholeNumber(value, "a port number");
        return number is >= 0 and <= MostPort
            ? number
            : throw new FormatException($"is not a port number: it must be between 0 and {MostPort}, got {number}");
    }

    /// <summary>A <see cref="Duration"/> of whole seconds within bounds.</summary>
    public static Func<string, TimeSpan> Seconds(string name, int low, int high) => value =>
    {
        var time = Milliseconds(value)
            ?? throw new FormatException("could not be parsed as seconds, or as a number with s, m or h");
        if (time < low * 1000L || time > high * 1000L)
            throw new FormatException($"{name} must be between {low} and {high}, got {time / 1000m}");
        return time % 1000 == 0
            ? TimeSpan.FromSeconds(time / 1000)
            : throw new FormatException("must be whole seconds");
    };

    /// <summary>
    /// A number with a unit: <c>500ms</c>, <c>90s</c>, <c>2m</c>, <c>1h</c>; a bare number is seconds. Above zero, at
    /// most a day.
    /// </summary>
    public static TimeSpan Duration(string value) =>
        Milliseconds(value) is { } time and > 0 and <= 24 * 60 * 60 * 1000
            ? TimeSpan.FromMilliseconds(time)
            : throw new FormatException("must be a duration above zero such as 500ms, 90s or 2m, at most 24h");

    /// <summary>Null where the text is not a number with one of the units.</summary>
    private static long? Milliseconds(string value)
    {
        var unit = value.AsSpan().TrimStart("+-0123456789");
        var isNumber = int.TryParse(
            value.AsSpan(..^unit.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        long? factor = unit switch
        {
            "ms" => 1,
            "" or "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => null,
        };
        return isNumber ? number * factor : null;
    }

    private static int WholeNumber(string value, string what) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"could not be parsed as {what}");
}
