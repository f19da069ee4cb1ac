using Broker.Foundation;

namespace Broker.SignIn.Wallet;

/// <summary>
/// A <c>date-time</c> of RFC 3339 §5.6, kept as it was written (so that a message prints as it was signed) beside the
/// instant it means.
/// </summary>
/// <param name="Text">Such as <c>2026-05-04T12:00:00Z</c> or <c>2026-05-04T12:00:00.25+02:00</c>.</param>
/// <param name="Instant">In UTC, to a ten-millionth of a second; further digits are dropped.</param>
internal sealed record SiweTime(string Text, DateTimeOffset Instant)
{
    /// <summary>The instant in UTC, in whole seconds, as this server writes it.</summary>
    public static SiweTime At(DateTimeOffset instant)
    {
        var seconds = instant.ToUniversalTime();
        seconds = seconds.AddTicks(-(seconds.Ticks % TimeSpan.TicksPerSecond));
        return new(Rfc3339.Write(seconds), seconds);
    }

    /// <summary>Null for anything that <see cref="Rfc3339.Read"/> refuses.</summary>
    public static SiweTime? Parse(ReadOnlySpan<char> text) =>
        Rfc3339.Read(text) is { } instant ? new(text.ToString(), instant) : null;
}
