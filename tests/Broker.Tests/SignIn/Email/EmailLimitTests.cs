using Broker.Http;
using Broker.Identity;
using Broker.SignIn.Email;
using Broker.Tests.Hosting;

namespace Broker.Tests.SignIn.Email;

/// <summary>Contract §2.18: by mailbox, by client address, in all; each with the time to wait, in bounded memory.</summary>
public sealed class EmailLimitTests
{
    [Fact]
    public async Task A_mailbox_gets_so_many_mails_an_hour_however_it_is_spelt()
    {
        await using var broker = await StartAsync(("BROKER_EMAIL_RATE_LIMIT_PER_EMAIL_HOURLY", "2"));
        broker.Clock.Advance(TimeSpan.FromMinutes(50));
        (await broker.RequestLinkAsync()).ShouldBeOk();
        (await broker.RequestLinkAsync(" ALICE@example.org")).ShouldBeOk();

        var refused = await broker.RequestLinkAsync("Alice@Example.Org");
        refused.ShouldRefuse(429, "rate_limited", "email_rate_limited").Header("Retry-After").ShouldBe("600");
        broker.RowsOf(refused).ShouldBeEmpty();
        (await broker.RequestLinkAsync("bob@example.org")).ShouldBeOk();
        broker.Clock.Advance(TimeSpan.FromMinutes(10));
        (await broker.RequestLinkAsync()).ShouldBeOk();
    }

    [Fact]
    public async Task A_client_gets_so_many_mails_a_minute_as_the_proxy_before_us_names_it()
    {
        await using var broker = await StartAsync(("BROKER_EMAIL_RATE_LIMIT_PER_IP_MINUTELY", "2"));
        var n = 0;
        Task<Answer> From(string forwarded) => broker.PostAsync(
            "/v1/auth/email/request", new { email = $"user{n++}@example.org", source_ip = $"8.8.8.{n}" }, null,
            ("X-Forwarded-For", forwarded));

        // IPv6 by /64; the last address is the proxy's own word, and source_ip is nobody's.
        (await From("2001:db8:1:1::1")).ShouldBeOk();
        (await From("9.9.9.9, 2001:db8:1:1:ffff::2")).ShouldBeOk();
        (await From("2001:db8:1:1::3")).ShouldRefuse(429, "rate_limited", "email_rate_limited")
            .Header("Retry-After").ShouldBe("60");
        (await From("2001:db8:1:2::1")).ShouldBeOk();
        (await From("203.0.113.1")).ShouldBeOk();
        broker.Clock.Advance(TimeSpan.FromSeconds(60));
        (await From("2001:db8:1:1::3")).ShouldBeOk();
    }

    [Fact]
    public async Task All_together_get_so_many_mails_a_minute()
    {
        await using var broker = await StartAsync(("BROKER_EMAIL_RATE_LIMIT_TOTAL_MINUTELY", "3"));
        Task<Answer> From(int n) => broker.PostAsync(
            "/v1/auth/email/request", new { email = $"user{n}@example.org" }, null,
            ("X-Forwarded-For", $"203.0.113.{n}"));
        for (var n = 0; n < 3; n++) (await From(n)).ShouldBeOk();

        (await From(3)).ShouldRefuse(429, "rate_limited", "email_rate_limited").Header("Retry-After").ShouldBe("60");
        broker.Clock.Advance(TimeSpan.FromSeconds(60));
        (await From(4)).ShouldBeOk();
    }

    [Fact]
    public async Task A_client_that_has_spent_its_minute_spends_no_mailboxs_hour()
    {
        await using var broker = await StartAsync(
            ("BROKER_EMAIL_RATE_LIMIT_PER_IP_MINUTELY", "1"), ("BROKER_EMAIL_RATE_LIMIT_PER_EMAIL_HOURLY", "2"));
        Task<Answer> From(string client) => broker.PostAsync(
            "/v1/auth/email/request", new { email = "alice@example.org" }, null, ("X-Forwarded-For", client));
        (await From("203.0.113.1")).ShouldBeOk();
        for (var n = 0; n < 5; n++) (await From("203.0.113.1"))["code"].ShouldBe("email_rate_limited");

        (await From("203.0.113.2")).ShouldBeOk();
    }

    [Fact]
    public async Task Looks_at_links_are_limited_by_client_and_confirming_is_not()
    {
        await using var broker = await StartAsync(("BROKER_EMAIL_RATE_LIMIT_PER_IP_MINUTELY", "2"));
        await broker.RequestLinkAsync();
        var token = broker.NewestToken();
        Task<Answer> Look() => broker.PostAsync("/v1/auth/email/preview", new { token });
        (await Look()).ShouldBeOk();
        (await Look()).ShouldBeOk();

        (await Look()).ShouldRefuse(429, "rate_limited", "email_rate_limited").Header("Retry-After").ShouldBe("60");
        (await broker.ConfirmAsync(token)).ShouldBeOk();
    }

    [Fact]
    public void Hold_a_million_strangers_in_bounded_memory_and_still_count()
    {
        var options = new EmailSignInOptions("https://broker.example.test", null, 5, 30, int.MaxValue);
        var limits = new EmailLimits(options, new TestClock());
        EmailAddress.TryParse("alice@example.org", out var alice).ShouldBeTrue();
        for (var n = 0; n < 5; n++) limits.TakeMail("203.0.113.1", alice).ShouldBeNull();

        for (var n = 0; n < 1_000_000; n++)
        {
            limits.TakeMail($"2001:db8:{n >> 16:x}:{n & 0xffff:x}::/64", EmailAddress.Parse($"user{n}@example.org"))
                .ShouldBeNull();
        }

        limits.Count.ShouldBeLessThanOrEqualTo(3 * RateWindows.Capacity);
        limits.TakeMail("203.0.113.2", alice)!.Code.ShouldBe(EmailRefusals.EmailRateLimited);
    }

    /// <summary>In development mode limits are off unless they are set.</summary>
    private static Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings) =>
        MailSignIn.StartAsync(settings);
}
