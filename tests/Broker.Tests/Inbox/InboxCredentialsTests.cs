using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Inbox;

/// <summary>Whose credentials read the mail, how often they are issued, and that each issue is on record.</summary>
public sealed class InboxCredentialsTests : IDisposable
{
    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Fact]
    public async Task Mail_is_read_with_credentials_of_the_callers_own_which_are_on_record_first()
    {
        await using var site = await MailSite.StartAsync();
        var session = await site.Broker.SignInAsync(_wallet);

        var answer = (await site.GetAsync("/v1/mail", session)).ShouldBeOk();

        var row = site.Broker.RowOf(answer);
        row.Kind.ShouldBe("aws_credentials");
        row.Outcome.ShouldBe("ok");
        row.RequestedRole.ShouldBe(MailSite.DataRole);
        row.ActorOmni.ShouldBe(_wallet.Omni);
        row.SessionDurationSeconds.ShouldBe(900);
        row.AccessKeyId.ShouldStartWith("ASIA");
        JsonElement.Parse(row.Evidence).GetProperty("session_policy").GetString().ShouldBe("own_prefix");
    }

    [Fact]
    public async Task Requests_of_one_bearer_share_an_issue_until_five_minutes_before_its_end()
    {
        await using var site = await MailSite.StartAsync();
        var session = await site.Broker.SignInAsync(_wallet);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            (await site.GetAsync("/v1/mail", session)).ShouldBeOk()));
        site.IssuedKeys.ShouldBe(1);

        Advance(site, TimeSpan.FromSeconds(590));
        (await site.GetAsync("/v1/mail", session)).ShouldBeOk();
        site.IssuedKeys.ShouldBe(1);

        Advance(site, TimeSpan.FromSeconds(20));
        (await site.GetAsync("/v1/mail", session)).ShouldBeOk();
        site.IssuedKeys.ShouldBe(2);

        // Another session of the same wallet has credentials of its own.
        (await site.GetAsync("/v1/mail", await site.Broker.SignInAsync(_wallet))).ShouldBeOk();
        site.IssuedKeys.ShouldBe(3);
    }

    [Fact]
    public async Task Credentials_that_S3_does_not_take_any_more_are_replaced_once()
    {
        await using var site = await MailSite.StartAsync();
        var session = await site.Broker.SignInAsync(_wallet);
        (await site.GetAsync("/v1/mail", session)).ShouldBeOk();

        // Comes back without the keys that it had issued: InvalidAccessKeyId.
        await site.RestartCloudAsync();

        (await site.GetAsync("/v1/mail", session)).ShouldBeOk();
        site.IssuedKeys.ShouldBe(2);
    }

    [Fact]
    public async Task Fresh_credentials_that_S3_does_not_take_are_a_fault_and_are_not_kept()
    {
        await using var other = await MailSite.StartAsync();
        await using var site = await MailSite.StartAsync(
            null, ("AWS_ENDPOINT_URL_S3", other.Cloud.BaseAddress.ToString()));
        var session = await site.Broker.SignInAsync(_wallet);

        var refused = await site.GetAsync("/v1/mail", session);

        refused.ShouldRefuse(502, "backend_unreachable", "inbox_credentials_refused");
        refused["message"]!.ShouldContain("InvalidAccessKeyId");
        await site.GetAsync("/v1/mail", session);
        site.IssuedKeys.ShouldBe(2);
    }

    [Fact]
    public async Task An_ended_session_reads_nothing_though_its_credentials_would_hold()
    {
        await using var site = await MailSite.StartAsync();
        var session = await site.Broker.SignInAsync(_wallet);
        (await site.GetAsync("/v1/mail", session)).ShouldBeOk();
        await site.Broker.PostAsync("/v1/auth/session/end", bearer: session);

        (await site.GetAsync("/v1/mail", session)).ShouldRefuse(401, "unauthorized", "session_revoked");
    }

    [Theory]
    [InlineData("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "1", 429, "mint_rate_limited")]
    [InlineData("BROKER_REQUIRE_SIGNED_MINT", "true", 400, "signature_required")]
    public async Task Every_release_check_applies(string name, string value, int status, string code)
    {
        await using var site = await MailSite.StartAsync(null, (name, value));
        var session = await site.Broker.SignInAsync(_wallet);
        await site.Broker.PostAsync("/v1/mint-aws-creds", bearer: session);

        var refused = await site.GetAsync("/v1/mail", session);

        ((int)refused.Status).ShouldBe(status, refused.Text);
        refused["code"].ShouldBe(code);
        site.Broker.RowOf(refused).Kind.ShouldBe("mail_read");
    }

    private static void Advance(MailSite site, TimeSpan by)
    {
        site.Broker.Clock.Advance(by);
        site.CloudClock.Advance(by);
    }
}
