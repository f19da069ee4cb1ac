using System.Globalization;
using Broker.Tests.Hosting;

namespace Broker.Tests.Operations;

/// <summary>Limits by the hour, per actor and per client address, with the time to wait.</summary>
public sealed class RateLimitTests : IDisposable
{
    private readonly Wallet _wallet = new(), _other = new();

    public void Dispose()
    {
        _wallet.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task An_actor_has_its_mints_by_the_hour_of_every_kind_together()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "3"));
        broker.Clock.Advance(TimeSpan.FromMinutes(10));
        var session = await broker.SignInAsync(_wallet);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
        (await broker.PostAsync("/v1/mint-aws-creds", bearer: session)).ShouldBeOk();
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();

        foreach (var route in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds"])
        {
            var refused = await broker.PostAsync(route, bearer: session);
            refused.ShouldRefuse(429, "rate_limited", "mint_rate_limited").ShouldHoldNoCredential(broker.Sts);
            refused.Header("Retry-After").ShouldBe("3000");
            broker.RowOf(refused).Outcome.ShouldBe("rate_limited");
        }

        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: await broker.SignInAsync(_other))).ShouldBeOk();
        broker.Clock.Advance(TimeSpan.FromSeconds(3000));
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
        broker.Sts.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_restart_does_not_give_a_new_budget()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "2"));
        var session = await broker.SignInAsync(_wallet);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
        await broker.RestartAsync();

        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(429, "rate_limited", "mint_rate_limited");
    }

    [Fact]
    public async Task Challenges_are_limited_per_client_as_the_proxy_before_us_names_it()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_CHALLENGES_PER_HOUR_PER_IP", "2"));
        Task<Answer> From(string forwarded) => broker.PostAsync(
            "/v1/auth/wallet/start", new { address = _wallet.Address, source_ip = "8.8.8.8" }, null,
            ("X-Forwarded-For", forwarded));

        (await From("203.0.113.7")).ShouldBeOk();
        (await From("198.51.100.1, 203.0.113.7")).ShouldBeOk();
        var refused = await From("192.0.2.9, 203.0.113.7");
        refused.ShouldRefuse(429, "rate_limited", "challenge_rate_limited");
        int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture).ShouldBe(3600);
        (await From("203.0.113.8")).ShouldBeOk();

        // An IPv6 client has a whole /64 to itself.
        (await From("2001:db8:1:2::1")).ShouldBeOk();
        (await From("2001:db8:1:2:ffff::1")).ShouldBeOk();
        (await From("2001:db8:1:2:abcd::9")).ShouldRefuse(429, "rate_limited", "challenge_rate_limited");
        (await From("2001:db8:1:3::1")).ShouldBeOk();
        broker.MintLog().ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_at_once_take_no_more_than_the_budget()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "5"));
        var session = await broker.SignInAsync(_wallet);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)));

        answers.Count(answer => (int)answer.Status == 200).ShouldBe(5);
        answers.Count(answer => (int)answer.Status == 429).ShouldBe(15);
    }
}
