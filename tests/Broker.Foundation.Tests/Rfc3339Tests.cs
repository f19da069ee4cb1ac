namespace Broker.Foundation.Tests;

/// <summary>The grammar is RFC 3339 §5.6; the examples of §5.8 stand first.</summary>
public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50Z")]
    [InlineData("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z")]
    [InlineData("1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z")]
    [InlineData("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00Z")]
    [InlineData("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27Z")]
    [InlineData("2026-11-26T20:53:29.123456789Z", "2026-11-26T20:53:29Z")]
    [InlineData("2026-11-26t20:53:29z", "2026-11-26T20:53:29Z")]
    public void Reads_what_the_grammar_allows(string text, string utc) =>
        Rfc3339.Write(Rfc3339.Read(text).ShouldNotBeNull()).ShouldBe(utc);

    [Theory]
    [InlineData("2026-11-26T20:53:29.Z")]
    [InlineData("2026-11-26T20:53:29")]
    [InlineData("2026-11-26 20:53:29Z")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-11-26T24:00:00Z")]
    [InlineData("1990-12-31T23:59:61Z")]
    [InlineData("1990-12-31T23:59:60+01:00")]
    [InlineData("1990-12-30T23:59:60Z")]
    [InlineData("1990-12-31T23:58:60Z")]
    [InlineData("9999-12-31T23:59:60Z")]
    [InlineData("2026-11-26T20:53:29+24:00")]
    [InlineData("2026-11-26T20:53:29+0200")]
    [InlineData("2026-11-26T20:53:29ZZ")]
    [InlineData("٢٠٢٦-11-26T20:53:29Z")]
    [InlineData("")]
    public void Refuses_what_it_does_not(string text) => Rfc3339.Read(text).ShouldBeNull();
}
