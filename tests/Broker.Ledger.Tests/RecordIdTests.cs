using FsCheck;
using FsCheck.Fluent;

namespace Broker.Ledger.Tests;

public sealed class RecordIdTests
{
    // From 2001 on the seconds have ten digits, so that text order is time order.
    private static readonly Gen<DateTimeOffset> Moments =
        from seconds in Gen.Choose(1_000_000_000, int.MaxValue)
        from ticks in Gen.Choose(0, (int)TimeSpan.TicksPerSecond - 1)
        select DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(ticks);

    [Fact]
    public void An_id_is_read_back_as_it_was_made() =>
        Prop.ForAll(Moments.ToArbitrary(), now =>
        {
            var id = RecordId.New(now);
            RecordId.TryParse(id.ToString(), out var read).ShouldBeTrue();
            read.ShouldBe(id);
            id.ToString().ShouldStartWith($"aud_{now.ToUnixTimeSeconds()}_");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_id_made_a_microsecond_later_sorts_behind() =>
        Prop.ForAll(Moments.ToArbitrary(), now =>
        {
            var later = RecordId.New(now.AddMicroseconds(1));
            string.CompareOrdinal(RecordId.New(now).ToString(), later.ToString()).ShouldBeLessThan(0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ids_of_one_moment_differ()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000);

        Enumerable.Range(0, 10_000).Select(_ => RecordId.New(now).ToString()).Distinct().Count().ShouldBe(10_000);
    }
}
