using System.Text;
using System.Text.Json;
using Broker.Foundation;
using Broker.Identity;

namespace Broker.Mail.Feedback;

/// <summary>
/// What SES tells of mails that it carried: permanent bounces and complaints; all else says nothing against a mailbox.
/// The notification is SES's (Developer Guide, "Amazon SNS notification contents", and the events of configuration
/// sets), bare or in SNS's envelope.
/// </summary>
internal static class FeedbackNotice
{
    /// <summary>SQS takes no longer message.</summary>
    private const int Longest = 1 << 20;

    /// <summary>The mailboxes that shall get no more mail; null where the text is no notification.</summary>
    public static IReadOnlyList<(EmailAddress Mailbox, SuppressionReason Reason)>? Read(string text)
    {
        if (text.Length > Longest) return null;
        try
        {
            using var document = StrictJson.Parse(Encoding.UTF8.GetBytes(text));
            if (Text(document.RootElement, "Type") != "Notification") return ReadNotice(document.RootElement);
            if (Text(document.RootElement, "Message") is not { } message) return null;
            using var inner = StrictJson.Parse(Encoding.UTF8.GetBytes(message));
            return ReadNotice(inner.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<(EmailAddress Mailbox, SuppressionReason Reason)>? ReadNotice(JsonElement notice) =>
        (Text(notice, "notificationType") ?? Text(notice, "eventType")) switch
        {
            "Bounce" when Member(notice, "bounce") is { } bounce => Text(bounce, "bounceType") == "Permanent"
                ? Mailboxes(bounce, "bouncedRecipients", SuppressionReason.Bounce)
                : [],
            "Complaint" when Member(notice, "complaint") is { } complaint =>
                Mailboxes(complaint, "complainedRecipients", SuppressionReason.Complaint),
            null or "Bounce" or "Complaint" => null,
            _ => [],
        };

    private static List<(EmailAddress Mailbox, SuppressionReason Reason)> Mailboxes(
        JsonElement of, string name, SuppressionReason reason)
    {
        var found = new List<(EmailAddress, SuppressionReason)>();
        if (!of.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array) return found;
        foreach (var recipient in list.EnumerateArray())
        {
            if (EmailAddress.TryParse(Text(recipient, "emailAddress"), out var mailbox)) found.Add((mailbox, reason));
        }

        return found;
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member)
            && member.ValueKind == JsonValueKind.Object
            ? member
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
