using Broker.Ledger.Merkle;

namespace Broker.Ledger.Tests.Merkle;

public sealed class TilePathTests
{
    [Theory]
    [InlineData("0/x001/x234/067", 0, 1234067, 256)]
    [InlineData("0/x001/x234/067.p/112", 0, 1234067, 112)]
    [InlineData("1/000", 1, 0, 256)]
    [InlineData("63/999.p/1", 63, 999, 1)]
    [InlineData("2/x001/000.p/255", 2, 1000, 255)]
    [InlineData("0/x036/x028/x797/x018/x963/967", 0, 36_028_797_018_963_967, 256)]
    public void Reads_and_writes_the_spelling_of_the_specification(string text, int level, long number, int width)
    {
        TilePath.TryParse(text, out var path).ShouldBeTrue();

        path.ShouldBe(new TilePath(level, number, width));
        path.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0/0")]
    [InlineData("00/000")]
    [InlineData("64/000")]
    [InlineData("-1/000")]
    [InlineData("0/x000/001")]
    [InlineData("0/001/002")]
    [InlineData("0/x001")]
    [InlineData("0/000.p/0")]
    [InlineData("0/000.p/256")]
    [InlineData("0/000.p/01")]
    [InlineData("0/000.p")]
    [InlineData("0/000/")]
    [InlineData("entries/000")]
    [InlineData("0\0/000")]
    [InlineData("+1/000")]
    [InlineData("0/X001/000")]
    [InlineData("0/000.p/+1")]
    [InlineData("0/x999/x999/x999/x999/x999/x999/999")]
    public void Refuses_any_other_spelling(string text) => TilePath.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("0/x000/272", false)]
    [InlineData("0/272", true)]
    [InlineData("0/273", false)]
    [InlineData("0/273.p/112", true)]
    [InlineData("0/273.p/113", false)]
    [InlineData("1/000", true)]
    [InlineData("1/001.p/17", true)]
    [InlineData("1/001.p/18", false)]
    [InlineData("2/000.p/1", true)]
    [InlineData("3/000.p/1", false)]
    public void A_tree_of_seventy_thousand_has_the_tiles_that_the_specification_counts(string text, bool has) =>
        (TilePath.TryParse(text, out var path) && path.IsIn(70_000)).ShouldBe(has);
}
