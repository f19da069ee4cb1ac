using System.Globalization;
using System.Text.Json;
using Broker.LocalCloud.Faults;
using Broker.Tests.Hosting;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;

namespace Broker.Tests.Mail;

/// <summary>Mails by SES v2: accepted by the implementations at hand, and each of its failures told apart.</summary>
public sealed class SesTests
{
    [Fact]
    public async Task A_mail_is_accepted_by_somebody_elses_SES_and_its_link_signs_in()
    {
        using var ses = await NpmPeer.StartAsync("ses", "ses.mjs");
        var url = ses.Place.GetProperty("url").GetString()!;
        await using var broker = await SesSite.StartAsync(
            url, ("BROKER_SES_CONFIGURATION_SET", "sign-in"),
            ("BROKER_SES_FEEDBACK_ADDRESS", "bounces@agentkeys.test"));

        var requested = (await broker.RequestLinkAsync(label: "laptop")).ShouldBeOk();

        using var http = new HttpClient();
        using var store = JsonDocument.Parse(await http.GetStringAsync(new Uri(url + "/store")));
        var mail = store.RootElement.GetProperty("emails").EnumerateArray().ShouldHaveSingleItem();
        mail.GetProperty("from").GetString().ShouldBe(SesSite.Sender);
        mail.GetProperty("destination").GetProperty("to")[0].GetString().ShouldBe("alice@example.org");
        mail.GetProperty("subject").GetString().ShouldBe("Your AgentKeys sign-in link");
        var text = mail.GetProperty("body").GetProperty("text").GetString()!;
        var token = MailSignIn.TokenIn(text);
        MailSignIn.TokenIn(mail.GetProperty("body").GetProperty("html").GetString()!).ShouldBe(token);
        text.ShouldContain($"{BrokerApp.Issuer}/auth/email/landing#t={token}");
        text.ShouldContain(requested["compare_code"]!);
        (await broker.ConfirmAsync(token)).ShouldBeOk();
        (await broker.PollAsync(requested))["status"].ShouldBe("verified");
    }

    /// <summary>The local cloud checks the signature, the caller's policies and the sender's identity.</summary>
    [Fact]
    public async Task A_mail_is_signed_and_allowed_and_the_senders_domain_is_found_verified()
    {
        await using var cloud = await SesSite.StartCloudAsync();
        await using var broker = await SesSite.StartAsync(cloud.BaseAddress.ToString());

        (await broker.RequestLinkAsync()).ShouldBeOk();

        var mail = cloud.Mails.ShouldHaveSingleItem();
        (mail.From, mail.To.Single()).ShouldBe((SesSite.Sender, "alice@example.org"));
        (await broker.ConfirmAsync(MailSignIn.TokenIn(mail.Text!))).ShouldBeOk();
        await Eventually.AsksAsync(() => broker.GetAsync("/readyz"), answer => answer.Text == "{}");
    }

    [Fact]
    public async Task A_wrong_secret_is_told_as_ours()
    {
        await using var cloud = await SesSite.StartCloudAsync();
        await using var broker = await SesSite.StartAsync(
            cloud.BaseAddress.ToString(), ("DAEMON_SECRET_ACCESS_KEY", "another"));

        (await broker.RequestLinkAsync()).ShouldRefuse(502, "backend_unreachable", "mail_not_sent")["message"]
            .ShouldBe("backend unreachable: ses SendEmail: InvalidSignatureException: "
                + "SES does not take the broker's own AWS key");
        cloud.Mails.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(FaultKind.Error, "mail_not_sent", "InternalFailure")]
    [InlineData(FaultKind.Throttle, "mail_throttled", "Throttling")]
    [InlineData(FaultKind.Slow, "mail_not_sent", "did not answer in time")]
    public async Task A_fault_of_SES_is_502_and_the_link_of_another_request_still_works(
        FaultKind kind, string code, string why)
    {
        await using var cloud = await SesSite.StartCloudAsync();
        await using var broker = await SesSite.StartAsync(
            cloud.BaseAddress.ToString(), ("BROKER_EMAIL_TIMEOUT_SECONDS", kind == FaultKind.Slow ? "1" : "30"));
        cloud.Faults.Inject(new Fault(CloudPart.Ses, kind, TimeSpan.FromSeconds(60)));

        var refused = await broker.RequestLinkAsync();

        refused.ShouldRefuse(502, "backend_unreachable", code)["message"]!.ShouldContain(why);
        var row = broker.RowOf(refused);
        (row.Outcome, row.RequestedRole, row.Kind).ShouldBe(("backend_error", "session_jwt", "session_token"));
        cloud.Faults.Clear(CloudPart.Ses);
        (await broker.RequestLinkAsync()).ShouldBeOk();
        (await broker.ConfirmAsync(MailSignIn.TokenIn(cloud.Mails[^1].Text!))).ShouldBeOk();
    }

    [Fact]
    public async Task What_SES_did_not_take_is_not_counted_against_its_mailbox()
    {
        await using var cloud = await SesSite.StartCloudAsync();
        await using var broker = await SesSite.StartAsync(
            cloud.BaseAddress.ToString(), ("BROKER_EMAIL_RATE_LIMIT_PER_EMAIL_HOURLY", "1"));
        cloud.Faults.Inject(new Fault(CloudPart.Ses, FaultKind.Throttle));
        (await broker.RequestLinkAsync()).ShouldRefuse(502, "backend_unreachable", "mail_throttled");

        cloud.Faults.Clear(CloudPart.Ses);
        (await broker.RequestLinkAsync()).ShouldBeOk();
        (await broker.RequestLinkAsync()).ShouldRefuse(429, "rate_limited", "email_rate_limited");
    }

    [Fact]
    public async Task SES_that_is_down_is_502_and_readiness_is_degraded_not_lost()
    {
        await using var broker = await SesSite.StartAsync(Peers.DeadUrl);

        (await broker.RequestLinkAsync()).ShouldRefuse(502, "backend_unreachable", "mail_not_sent")["message"]!
            .ShouldStartWith("backend unreachable: ses SendEmail: ");
        var ready = await Eventually.AsksAsync(
            () => broker.GetAsync("/readyz"),
            answer => answer.Text.Contains("GetEmailIdentity", StringComparison.Ordinal));
        ready.ShouldBeOk()["status"].ShouldBe("degraded");
        var check = ready.Json.GetProperty("checks").EnumerateArray().ShouldHaveSingleItem();
        check.GetProperty("name").GetString().ShouldBe("tier2/ses");
        check.GetProperty("docs").GetString()!.ShouldEndWith("#tier2-ses");
        ready.Json.GetProperty("ready").EnumerateArray().Select(one => one.GetString()).ShouldContain("email_link");
    }

    /// <summary>API reference of SES v2, SendEmail, "Errors"; AWS restJson1 names the code in a header.</summary>
    [Theory]
    [InlineData(403, "AccessDeniedException", "mail_sending_denied", "lacks ses:SendEmail")]
    [InlineData(400, "MessageRejected", "mail_sender_unverified", "or is in its sandbox")]
    [InlineData(400, "MailFromDomainNotVerifiedException", "mail_sender_unverified", "MAIL FROM")]
    [InlineData(400, "AccountSuspendedException", "mail_not_sent", "has stopped sending")]
    [InlineData(400, "SendingPausedException", "mail_not_sent", "has stopped sending")]
    [InlineData(404, "NotFoundException", "mail_not_sent", "configuration set")]
    [InlineData(429, "TooManyRequestsException", "mail_throttled", "fewer mails")]
    [InlineData(400, "BadRequestException", "mail_not_sent", "SES refused")]
    [InlineData(400, "not a code; <b>", "mail_not_sent", "Unknown: SES refused")]
    public async Task An_error_of_SES_is_told_by_its_code_and_not_by_its_words(
        int status, string error, string code, string why)
    {
        using var ses = CannedServer.Start();
        ses.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(status)
            .WithHeader("x-amzn-ErrorType", error + ":http://internal.amazon.com/coral/")
            .WithBody("""{"message":"no mail to alice@example.org, says arn:aws:iam::123456789012:user/x"}"""));
        await using var broker = await SesSite.StartAsync(ses.Url!, ("BROKER_EMAIL_TIMEOUT_SECONDS", "60"));

        var refused = await broker.RequestLinkAsync();

        refused.ShouldRefuse(502, "backend_unreachable", code);
        refused["message"]!.ShouldContain(why);
        refused.Text.ShouldNotContain("alice");
        refused.Text.ShouldNotContain("arn:");
        broker.RowOf(refused).OutcomeDetail!.ShouldNotContain("alice");
        if (code == "mail_sending_denied") refused["next_step"]!.ShouldContain("ses:SendEmail (not ses:SendRawEmail)");
    }

    [Fact]
    public async Task What_SES_says_may_pass_is_asked_again_and_no_more_than_twice()
    {
        using var ses = CannedServer.Start();
        ses.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(503));
        await using var broker = await SesSite.StartAsync(ses.Url!, ("BROKER_EMAIL_TIMEOUT_SECONDS", "60"));

        (await broker.RequestLinkAsync()).ShouldRefuse(502, "backend_unreachable", "mail_not_sent");

        ses.FindLogEntries(Request.Create().UsingPost()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_request_carries_what_the_contract_names_and_nothing_that_needs_SendRawEmail()
    {
        using var ses = CannedServer.Start();
        ses.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithBody("""{"MessageId":"1"}"""));
        await using var broker = await SesSite.StartAsync(
            ses.Url!, ("BROKER_SES_CONFIGURATION_SET", "sign-in"),
            ("BROKER_SES_FEEDBACK_ADDRESS", "bounces@agentkeys.test"), ("BROKER_AWS_REGION", "eu-west-1"));

        (await broker.RequestLinkAsync()).ShouldBeOk();

        var sent = ses.FindLogEntries(Request.Create().UsingPost()).ShouldHaveSingleItem().RequestMessage!;
        sent.Path.ShouldBe("/v2/email/outbound-emails");
        sent.Headers!["Authorization"].ToString().ShouldMatch(
            "^AWS4-HMAC-SHA256 Credential=AKIADAEMON0000000000/[0-9]{8}/eu-west-1/ses/aws4_request, ");
        using var body = JsonDocument.Parse(sent.Body!);
        body.RootElement.GetProperty("FromEmailAddress").GetString().ShouldBe(SesSite.Sender);
        body.RootElement.GetProperty("ConfigurationSetName").GetString().ShouldBe("sign-in");
        body.RootElement.GetProperty("FeedbackForwardingEmailAddress").GetString().ShouldBe("bounces@agentkeys.test");
        var content = body.RootElement.GetProperty("Content");
        content.EnumerateObject().Select(one => one.Name).ShouldBe(["Simple"]);
        var header = content.GetProperty("Simple").GetProperty("Headers").EnumerateArray().ShouldHaveSingleItem();
        header.GetProperty("Name").GetString().ShouldBe("Auto-Submitted");
        header.GetProperty("Value").GetString().ShouldBe("auto-generated");
    }

    [Fact]
    public async Task The_senders_verification_is_good_for_a_day_across_restarts()
    {
        using var ses = CannedServer.Start();
        ses.Given(Request.Create().UsingGet()).AtPriority(2).RespondWith(Response.Create().WithStatusCode(404)
            .WithHeader("x-amzn-ErrorType", "NotFoundException").WithBody("{}"));
        ses.Given(Request.Create().UsingGet().WithPath("/v2/email/identities/agentkeys.test")).AtPriority(1)
            .RespondWith(Response.Create().WithBody("""{"VerifiedForSendingStatus":true}"""));
        await using var broker = await SesSite.StartAsync(ses.Url!);
        await Eventually.AsksAsync(() => broker.GetAsync("/readyz"), answer => answer.Text == "{}");

        // Its address was asked for first, then its domain; the answer is kept as the contract has it.
        ses.FindLogEntries(Request.Create().UsingGet()).Select(one => Uri.UnescapeDataString(one.RequestMessage!.Path!))
            .ShouldBe([$"/v2/email/identities/{SesSite.Sender}", "/v2/email/identities/agentkeys.test"]);
        var file = Path.Combine(broker.DataFolder, "ses-verify.json");
        var seconds = broker.Clock.UnixSeconds.ToString(CultureInfo.InvariantCulture);
        File.ReadAllText(file).ShouldBe(
            $$"""{"last_verified_at":{{seconds}},"sender_email":"{{SesSite.Sender}}"}""");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        ses.Reset();
        await broker.RestartAsync();
        (await Eventually.AsksAsync(() => broker.GetAsync("/readyz"), answer => answer.Text == "{}")).ShouldBeOk();
        ses.FindLogEntries(Request.Create().UsingGet()).ShouldBeEmpty();

        broker.Clock.Advance(TimeSpan.FromHours(24));
        (await broker.GetAsync("/readyz")).ShouldBeOk()["status"].ShouldBe("degraded");
    }
}
