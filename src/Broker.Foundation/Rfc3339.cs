using System.Globalization;

namespace Broker.Foundation;

/// <summary>
/// The one reader and writer of <c>date-time</c> of RFC 3339 §5.6, such as <c>2026-05-04T12:00:00Z</c> or
/// <c>2026-05-04T12:00:00.25+02:00</c>.
/// </summary>
public static class Rfc3339
{
    private const int DateAndTimeLength = 19;

    /// <summary>The instant in UTC, in whole seconds rounded down, with a capital T and Z.</summary>
    public static string Write(DateTimeOffset instant) =>
        instant.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>
    /// The instant in UTC, to a ten-millionth of a second; further digits are dropped. Null for anything else than the
    /// grammar's <c>date-time</c> and for days that no calendar has. A leap second can only be the last second of a
    /// month in UTC (§5.7); it is read as the first instant of the next month, as our clock counts it.
    /// </summary>
    public static DateTimeOffset? Read(ReadOnlySpan<char> text)
    {
        if (text.Length <= DateAndTimeLength) return null;
        if (ReadDateAndTime(text[..DateAndTimeLength]) is not { } local) return null;
        var rest = text[DateAndTimeLength..];
        if (!TryReadFraction(ref rest, out var fraction) || ReadOffset(rest) is not { } offset) return null;

        var isLeapSecond = text[17] == '6';
        if (isLeapSecond) fraction = 0;
        var ticks = local.Ticks + fraction - offset.Ticks;
        if (isLeapSecond && !IsStartOfMonth(ticks)) return null;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return null;
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    /// <summary><c>YYYY-MM-DDThh:mm:ss</c>; the grammar's T may be lower case.</summary>
    private static DateTime? ReadDateAndTime(ReadOnlySpan<char> text)
    {
        var isShaped = text[4] == '-' && text[7] == '-' && text[10] is 'T' or 't' && text[13] == ':' && text[16] == ':';
        if (!isShaped) return null;
        var year = Digits(text[..4]);
        var month = Digits(text[5..7]);
        var day = Digits(text[8..10]);
        var hour = Digits(text[11..13]);
        var minute = Digits(text[14..16]);
        var second = Digits(text[17..19]);
        var isDate = year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
        var isTime = hour is >= 0 and <= 23 && minute is >= 0 and <= 59 && second is >= 0 and <= 60;
        if (!isDate || !isTime) return null;
        var start = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Unspecified);
        return DateTime.MaxValue - start >= TimeSpan.FromSeconds(second) ? start.AddSeconds(second) : null;
    }

    private static bool IsStartOfMonth(long ticks) =>
        ticks >= 0 && ticks <= DateTime.MaxValue.Ticks && ticks % TimeSpan.TicksPerDay == 0
        && new DateTime(ticks, DateTimeKind.Utc).Day == 1;

    /// <summary>
    /// Takes <c>.digits</c> from the front, if it is there; false when a point has no digit behind it.
    /// </summary>
    private static bool TryReadFraction(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        if (rest[0] != '.') return true;
        var length = rest[1..].IndexOfAnyExceptInRange('0', '9');
        if (length <= 0) return false;
        for (var i = 0; i < 7; i++) ticks = (ticks * 10) + (i < length ? rest[1 + i] - '0' : 0);
        rest = rest[(1 + length)..];
        return true;
    }

    /// <summary><c>Z</c> in either case, or <c>±hh:mm</c>.</summary>
    private static TimeSpan? ReadOffset(ReadOnlySpan<char> text)
    {
        if (text is "Z" or "z") return TimeSpan.Zero;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':') return null;
        var hours = Digits(text[1..3]);
        var minutes = Digits(text[4..6]);
        if (hours is < 0 or > 23 || minutes is < 0 or > 59) return null;
        var offset = new TimeSpan(hours, minutes, 0);
        return text[0] == '-' ? -offset : offset;
    }

    /// <summary>The number, or -1 when a character is not an ASCII digit.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        var number = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit(digit)) return -1;
            number = (number * 10) + (digit - '0');
        }

        return number;
    }
}
