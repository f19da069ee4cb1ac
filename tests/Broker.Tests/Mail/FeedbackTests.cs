using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Mail;
using Broker.Tests.Hosting;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.Tests.Mail;

/// <summary>Bounces and complaints come by a queue, and their mailboxes get no more mail. Nobody is told.</summary>
public sealed class FeedbackTests : IDisposable
{
    /// <summary>SES Developer Guide, "Amazon SNS notification examples", shortened.</summary>
    private const string Bounce =
        """
        {"notificationType":"Bounce","bounce":{"bounceType":"Permanent","reportingMTA":"dns; email.example.com",
        "bouncedRecipients":[{"emailAddress":"Jane@Example.com","status":"5.1.1","action":"failed",
        "diagnosticCode":"smtp; 550 5.1.1 <jane@example.com>... User"}],"bounceSubType":"General",
        "timestamp":"2016-01-27T14:59:38.237Z","feedbackId":"0000"},"mail":{"source":"john@example.com"}}
        """;

    private const string Passing =
        """
        {"notificationType":"Bounce","bounce":{"bounceType":"Transient",
        "bouncedRecipients":[{"emailAddress":"full@example.com"}]}}
        """;

    private const string Complaint =
        """
        {"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"richard@example.com"}],
        "complaintFeedbackType":"abuse"},"mail":{}}
        """;

    private readonly WireMockServer _queue = CannedServer.Start();

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_mailbox_that_bounced_or_complained_gets_no_more_mail_and_is_answered_like_all_others()
    {
        string[] messages = [Enveloped(Bounce), Enveloped(Passing), Complaint, "nonsense", """{"a":1,"a":2}""", "[]"];
        Hold(messages);
        await using var broker = await MailSignIn.StartAsync(
            ("BROKER_EMAIL_FEEDBACK_QUEUE_URL", $"{_queue.Url}/123456789012/feedback"),
            ("DAEMON_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("DAEMON_SECRET_ACCESS_KEY", "secret"),
            ("BROKER_STS_MODE", "web_identity"));
        await Eventually.HoldsAsync(() => Deleted().Count == messages.Length);

        Deleted().Order().ShouldBe(Enumerable.Range(0, messages.Length).Select(n => $"handle-{n}"));
        var sender = (StubMailSender)broker.Services.GetRequiredService<IMailSender>();
        foreach (var mailbox in (string[])["jane@example.com", "JANE@example.com", "richard@example.com"])
        {
            var requested = (await broker.RequestLinkAsync(mailbox)).ShouldBeOk();
            requested.Json.EnumerateObject().Select(one => one.Name)
                .ShouldBe(["request_id", "expires_in_seconds", "poll_url", "compare_code"]);
            (await broker.PollAsync(requested)).Text.ShouldBe("""{"status":"pending"}""");
        }

        sender.Mails.ShouldBeEmpty();
        (await broker.RequestLinkAsync("full@example.com")).ShouldBeOk();
        sender.Mails.ShouldHaveSingleItem();

        // Only hashes are kept.
        using var connection = new SqliteConnection($"Data Source={broker.StateFile};Mode=ReadOnly;Pooling=False");
        connection.Query<(string, string)>("SELECT mailbox_hash, reason FROM suppressed_mailboxes").Order().ShouldBe(
            new[] { (Hash("jane@example.com"), "bounce"), (Hash("richard@example.com"), "complaint") }.Order());
    }

    [Fact]
    public async Task A_suppressed_mailbox_is_502_while_the_sender_is_down_as_every_other_is()
    {
        Hold([Enveloped(Bounce)]);
        using var ses = CannedServer.Start();
        ses.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithBody("{}"));
        await using var broker = await SesSite.StartAsync(
            ses.Url!, ("BROKER_EMAIL_FEEDBACK_QUEUE_URL", $"{_queue.Url}/123456789012/feedback"));
        await Eventually.HoldsAsync(() => Deleted().Count == 1);
        (await broker.RequestLinkAsync("jane@example.com")).ShouldBeOk();
        ses.Given(Request.Create().UsingPost()).AtPriority(-1).RespondWith(Response.Create().WithStatusCode(403)
            .WithHeader("x-amzn-ErrorType", "AccessDeniedException").WithBody("{}"));
        var other = await broker.RequestLinkAsync("other@example.com");

        var suppressed = await broker.RequestLinkAsync("jane@example.com");

        suppressed.ShouldRefuse(502, "backend_unreachable", "mail_sending_denied")["message"]
            .ShouldBe(other["message"]);
    }

    [Fact]
    public async Task A_queue_that_cannot_be_read_holds_nobody_up()
    {
        await using var broker = await MailSignIn.StartAsync(
            ("BROKER_EMAIL_FEEDBACK_QUEUE_URL", $"{Peers.DeadUrl}/123456789012/feedback"),
            ("DAEMON_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("DAEMON_SECRET_ACCESS_KEY", "secret"),
            ("BROKER_STS_MODE", "web_identity"));

        (await broker.RequestLinkAsync()).ShouldBeOk();
        (await broker.GetAsync("/readyz")).Text.ShouldBe("{}");
    }

    private static string Enveloped(string message) => JsonSerializer.Serialize(
        new
        {
            Type = "Notification",
            MessageId = "1",
            TopicArn = "arn:aws:sns:us-east-1:123456789012:ses",
            Message = message,
        });

    private static string Hash(string mailbox) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(mailbox)));

    /// <summary>The queue as SQS's JSON protocol has it: these messages once, and nothing after them.</summary>
    private void Hold(string[] messages)
    {
#pragma warning disable CA5351 // SQS defines the check as MD5, and its client verifies it.
        var body = JsonSerializer.Serialize(new
        {
            Messages = messages.Select((text, n) => new
            {
                MessageId = n.ToString(CultureInfo.InvariantCulture),
                ReceiptHandle = $"handle-{n}",
                Body = text,
                MD5OfBody = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text))),
            }),
        });
#pragma warning restore CA5351
        _queue.Given(Asked("ReceiveMessage")).InScenario("queue").WillSetStateTo("read")
            .RespondWith(Response.Create().WithBody(body));
        _queue.Given(Asked("ReceiveMessage")).InScenario("queue").WhenStateIs("read")
            .RespondWith(Response.Create().WithBody("{}").WithDelay(TimeSpan.FromSeconds(2)));
        _queue.Given(Asked("DeleteMessage")).RespondWith(Response.Create().WithBody("{}"));
    }

    private List<string> Deleted() =>
    [
        .. _queue.FindLogEntries(Asked("DeleteMessage")).Select(one =>
        {
            using var body = JsonDocument.Parse(one.RequestMessage!.Body!);
            return body.RootElement.GetProperty("ReceiptHandle").GetString()!;
        }),
    ];

    private static IRequestBuilder Asked(string action) =>
        Request.Create().UsingPost().WithHeader("X-Amz-Target", $"AmazonSQS.{action}");
}
