using Broker.Http;
using Broker.Tests.Hosting;

namespace Broker.Tests.Http;

/// <summary>Windows for any number of addresses in bounded memory.</summary>
public sealed class RateWindowsTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void Holds_no_more_keys_than_its_capacity_and_keeps_the_limit_of_those_that_it_holds()
    {
        var windows = new RateWindows(_clock);
        for (var n = 0; n < 59; n++) windows.Take("busy", 60).ShouldBeNull();

        for (var n = 0; n < 200_000; n++) windows.Take($"2001:db8:{n:x}::/64", 60).ShouldBeNull();

        windows.Count.ShouldBeLessThanOrEqualTo(RateWindows.Capacity);
        windows.Take("busy", 60).ShouldBeNull();
        windows.Take("busy", 60).ShouldNotBeNull();
    }

    [Fact]
    public void A_key_that_is_held_is_never_cut_short()
    {
        var windows = new RateWindows(_clock);
        for (var n = 0; n < 30_000; n++)
        {
            for (var taken = 0; taken < 3; taken++) windows.Take($"{n}", 3).ShouldBeNull();
        }
    }

    [Fact]
    public void A_new_hour_is_a_new_budget_and_looking_takes_nothing()
    {
        var windows = new RateWindows(_clock);
        windows.Take("a", 1).ShouldBeNull();
        windows.Look("a", 1).Wait.ShouldBe(TimeSpan.FromHours(1));
        windows.Look("b", 1).Wait.ShouldBeNull();
        windows.Take("b", 1).ShouldBeNull();

        _clock.Advance(TimeSpan.FromHours(1));
        windows.Take("a", 1).ShouldBeNull();
    }

    [Fact]
    public void A_minutes_window_is_a_minute_and_what_is_given_back_can_be_taken_again()
    {
        var windows = new RateWindows(_clock, RateWindows.Minute);
        windows.GiveBack("a");
        windows.Take("a", 1).ShouldBeNull();
        windows.Take("a", 1).ShouldBe(TimeSpan.FromMinutes(1));
        windows.GiveBack("a");
        windows.Take("a", 1).ShouldBeNull();
        windows.Take("a", 1).ShouldNotBeNull();

        // What was taken in a window that is past is not given back to this one.
        _clock.Advance(TimeSpan.FromMinutes(1));
        windows.GiveBack("a");
        windows.Take("a", 1).ShouldBeNull();
        windows.Take("a", 1).ShouldNotBeNull();
    }
}
