using System.Text.Json;
using Broker.LocalCloud.Faults;
using Broker.Tests.Hosting;
using Broker.Tests.Inbox;

namespace Broker.Tests.DataClasses;

/// <summary>
/// Actors' mail: sent from their own addresses alone, listed from their own prefix, for their own sessions.
/// </summary>
public sealed class EmailServiceTests : IAsyncLifetime
{
    private const string Domain = "agentkeys.test";
    private const string Omni = "00000000000000000000000000000000000000000000000000000000000000aa";

    private static readonly string[] Recipients = ["a@example.test", "b@example.test"];

    private readonly Wallet _wallet = new(), _stranger = new();
    private MailSite _site = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _site = await MailSite.StartAsync(
            null, ("BROKER_MODULES", "broker,email"), ("BROKER_EMAIL_PORT", "0"), ("BROKER_MAIL_DOMAIN", Domain),
            ("DAEMON_ACCESS_KEY_ID", MailSite.DaemonKey.AccessKeyId),
            ("DAEMON_SECRET_ACCESS_KEY", MailSite.DaemonKey.SecretAccessKey));
        _session = await _site.Broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        _wallet.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task Mail_goes_out_from_the_callers_own_address_and_is_on_record()
    {
        var sent = (await SendAsync(Mail())).ShouldBeOk();

        var mail = _site.Cloud.Mails.ShouldHaveSingleItem();
        mail.From.ShouldBe(Own);
        mail.To.ShouldBe(Recipients);
        mail.Subject.ShouldBe("Hello");
        sent["message_id"]!.Length.ShouldBeGreaterThan(5);
        var row = _site.Broker.RowOf(sent);
        row.Kind.ShouldBe("email_sent");
        row.RecordId.ShouldBe(sent["audit_record_id"]);
        row.Subject.ShouldBe(Own);
        $"{row}".ShouldNotContain("example.test");
        (await _site.Broker.MetricAsync("emails_sent_total")).ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_sends_from_another_address_nor_without_a_session()
    {
        (await SendAsync(Mail(), null)).ShouldRefuse(401, "unauthorized", "missing_bearer");
        foreach (var from in (string[])
            [
                $"noreply@{Domain}", $"or-{_stranger.Address.ToLowerInvariant()}-1@{Domain}", $"{Own}.example.test",
                Own.Replace("-1@", "@", StringComparison.Ordinal),
                Own.Replace(Domain, "example.test", StringComparison.Ordinal),
            ])
            (await SendAsync(Mail(from))).ShouldRefuse(403, "forbidden", "email_from_of_another");
        (await SendAsync(Mail(), await _site.Broker.SignInAsync(_stranger)))
            .ShouldRefuse(403, "forbidden", "email_from_of_another");
        _site.Cloud.Mails.ShouldBeEmpty();
        _site.Broker.MintLog().ShouldNotContain(row => row.Kind == "email_sent" && row.Outcome == "ok");
    }

    [Fact]
    public async Task A_mail_that_is_none_is_refused_and_a_fault_of_SES_is_told()
    {
        object[] wrong =
        [
            Mail("nobody"), Mail(to: []), Mail(to: ["a@b@c"]), Mail(to: [.. Enumerable.Repeat("a@example.test", 51)]),
            Mail(subject: ""), Mail(subject: "a\r\nBcc: x@example.test"), Mail(subject: new string('x', 999)),
            Mail(text: ""), new { from = Own },
        ];
        foreach (var one in wrong) ((int)(await SendAsync(one)).Status).ShouldBe(400, JsonSerializer.Serialize(one));

        _site.Cloud.Faults.Inject(new Fault(CloudPart.Ses, FaultKind.Error));
        var failed = (await SendAsync(Mail())).ShouldRefuse(502, "backend_unreachable", "mail_not_sent");
        _site.Broker.RowsOf(failed).Select(row => row.Outcome).Order().ShouldBe(["backend_error", "ok"]);
    }

    [Fact]
    public async Task The_inbox_is_the_callers_own_in_the_documented_form()
    {
        await _site.PutAsync(_session, $"bots/{_wallet.Omni}/inbound/m1", "Subject: one\r\n\r\n1");
        await _site.PutAsync(
            _session, $"bots/{_wallet.Address.ToLowerInvariant()}/inbound/m2", "Subject: two\r\n\r\n2");

        foreach (var omni in (string[])[_wallet.Omni, $"0x{_wallet.Omni}"])
        {
            var listed = (await InboxAsync(omni)).ShouldBeOk();
            listed["actor_omni"].ShouldBe($"0x{_wallet.Omni}");
            listed["bucket"].ShouldBe(MailSite.Bucket);
            listed["prefix"].ShouldBe($"bots/{_wallet.Omni}/inbound/");
            var entry = listed.Json.GetProperty("entries").EnumerateArray().ShouldHaveSingleItem();
            entry.GetProperty("key").GetString().ShouldBe($"bots/{_wallet.Omni}/inbound/m1");
            entry.GetProperty("size").GetInt64().ShouldBe("Subject: one\r\n\r\n1".Length);
            entry.GetProperty("last_modified").GetString()!.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$");
        }

        (await InboxAsync(Omni)).ShouldRefuse(403, "forbidden", "email_inbox_of_another");
        (await InboxAsync("aa")).Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await _site.Broker.GetAsync($"{Service}v1/email/inbox/{_wallet.Omni}"))
            .ShouldRefuse(401, "unauthorized", "missing_bearer");
        (await _site.Broker.GetAsync($"{Service}healthz")).Text.ShouldBe("ok");
    }

    private Uri Service => _site.Broker.Listener(1);

    private string Own => $"or-{_wallet.Address.ToLowerInvariant()}-1@{Domain}";

    private object Mail(string? from = null, string[]? to = null, string subject = "Hello", string text = "Text") => new
    {
        from = from ?? Own,
        to = to ?? Recipients,
        subject,
        body_text = text,
    };

    private Task<Answer> SendAsync(object mail) => SendAsync(mail, _session);

    private Task<Answer> SendAsync(object mail, string? bearer) =>
        _site.Broker.PostAsync($"{Service}v1/email/send", mail, bearer);

    private Task<Answer> InboxAsync(string omni) =>
        _site.GetAsync($"{Service}v1/email/inbox/{omni}", _session);
}
