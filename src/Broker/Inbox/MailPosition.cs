using System.Globalization;
using Broker.Foundation;
using Broker.Inbox.Messages;

namespace Broker.Inbox;

/// <summary>
/// A message's place in the list: newest first, and by name among those of one second. As text
/// <c>&lt;Unix seconds&gt;.&lt;id&gt;</c>, which stays good when the message goes.
/// </summary>
internal readonly record struct MailPosition(long ReceivedAt, MessageId Id) : IComparable<MailPosition>
{
    private const int LongestTime = 12;

    /// <summary>Characters of the text form.</summary>
    public const int Longest = LongestTime + 1 + MessageId.Longest;

    public static MailPosition Of(StoredMail mail) => new(mail.ReceivedAt.ToUnixTimeSeconds(), mail.Id);

    public static bool TryParse(string? text, out MailPosition position)
    {
        position = default;
        var dot = text?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (dot is < 1 or > LongestTime || !DecimalDigits.TryRead(text.AsSpan(0, dot), out var time)
            || !MessageId.TryParse(text![(dot + 1)..], out var id)) return false;
        position = new MailPosition((long)time, id);
        return true;
    }

    public int CompareTo(MailPosition other) => ReceivedAt != other.ReceivedAt
        ? other.ReceivedAt.CompareTo(ReceivedAt)
        : string.CompareOrdinal(Id.ToString(), other.Id.ToString());

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ReceivedAt}.{Id}");
}
