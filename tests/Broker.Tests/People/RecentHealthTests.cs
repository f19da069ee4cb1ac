using Broker.Modules;
using Broker.People;
using Broker.Tests.Hosting;

namespace Broker.Tests.People;

/// <summary>The front page's health: checks run seldom, however many people look.</summary>
public sealed class RecentHealthTests
{
    [Fact]
    public async Task The_front_page_asks_the_checks_once_in_a_while_and_readyz_each_time()
    {
        var counting = new CountingModule();
        await using var broker = await BrokerApp.StartWithAsync([.. BrokerModules.All, counting]);
        var before = counting.Asked;

        var pages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => broker.GetAsync("/")));

        foreach (var page in pages) page.ShouldBeOk().Text.ShouldContain("counting</span>: degraded");
        (counting.Asked - before).ShouldBe(1);
        broker.Clock.Advance(RecentHealth.Age);
        (await broker.GetAsync("/")).ShouldBeOk();
        (counting.Asked - before).ShouldBe(2);
        await broker.GetAsync("/readyz");
        await broker.GetAsync("/readyz");
        (counting.Asked - before).ShouldBe(4);
    }

    private sealed class CountingModule : BrokerModule
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
        {
            Interlocked.Increment(ref _asked);
            return [new ReadinessCheck("counting", Readiness.Degraded, "it counts")];
        }
    }
}
