using System.Text;
using Broker.Mail.Feedback;

namespace Broker.Fuzz.Targets;

/// <summary>Notifications of bounces and complaints, bare and in SNS's envelope.</summary>
internal sealed class MailFeedbackTarget : IFuzzTarget
{
    private const string Bounce =
        """
        {"notificationType":"Bounce","bounce":{"bounceType":"Permanent",
        "bouncedRecipients":[{"emailAddress":"jane@example.com"},{"emailAddress":"x"}]},"mail":{}}
        """;

    private const string Complaint =
        """{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"r@example.com"}]}}""";

    private const string Enveloped =
        """
        {"Type":"Notification","Message":"{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Transient\"}}"}
        """;

    public string Name => "mail-feedback";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds() =>
        [Encoding.UTF8.GetBytes(Bounce), Encoding.UTF8.GetBytes(Complaint), Encoding.UTF8.GetBytes(Enveloped)];

    public void Execute(byte[] input) => FeedbackNotice.Read(Encoding.UTF8.GetString(input));

    public long AllocationBound(int inputLength) => (64 * 1024) + (128L * inputLength);
}
