using Broker.SignIn.Wallet;

namespace Broker.Tests.SignIn;

public class SiweGrammarTests
{
    // The examples of RFC 3986 §1.1.2, and its corners.
    [Theory]
    [InlineData("ftp://ftp.is.co.za/rfc/rfc1808.txt")]
    [InlineData("http://www.ietf.org/rfc/rfc2396.txt")]
    [InlineData("ldap://[2001:db8::7]/c=GB?objectClass?one")]
    [InlineData("mailto:John.Doe@example.com")]
    [InlineData("news:comp.infosystems.www.servers.unix")]
    [InlineData("tel:+1-816-555-1212")]
    [InlineData("telnet://192.0.2.16:80/")]
    [InlineData("urn:oasis:names:specification:docbook:dtd:xml:4.1.2")]
    [InlineData("a:")]
    [InlineData("a:/b")]
    [InlineData("a://")]
    [InlineData("a:///")]
    [InlineData("a://b?")]
    [InlineData("a:?#")]
    [InlineData("a://%41@b:/%7e?/?#/?")]
    public void Knows_URIs(string text) => SiweGrammar.IsUri(text).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("1a:b")]
    [InlineData("//host")]
    [InlineData("a b:c")]
    [InlineData("a:b c")]
    [InlineData("a:%4")]
    [InlineData("a:%4g")]
    [InlineData("a:b#c#d")]
    [InlineData("a:[")]
    [InlineData("a://b[c]")]
    [InlineData("a://b:80a/")]
    [InlineData("a://b@c@d/")]
    [InlineData("a:é")]
    [InlineData("a:\"")]
    public void Knows_what_is_no_URI(string text) => SiweGrammar.IsUri(text).ShouldBeFalse();

    [Theory]
    [InlineData("[::]")]
    [InlineData("[::1]")]
    [InlineData("[1::]")]
    [InlineData("[1:2:3:4:5:6:7:8]")]
    [InlineData("[1:2:3:4:5:6:7::]")]
    [InlineData("[::2:3:4:5:6:7:8]")]
    [InlineData("[::ffff:192.0.2.1]")]
    [InlineData("[1:2:3:4:5:6:192.0.2.1]:443")]
    [InlineData("[v1.fe:x]")]
    [InlineData("999.999.999.999")]
    [InlineData("user:pass@host:")]
    public void Knows_authorities(string text) => SiweGrammar.IsAuthority(text).ShouldBeTrue();

    [Theory]
    [InlineData("[]")]
    [InlineData("[")]
    [InlineData("[:]")]
    [InlineData("[:::]")]
    [InlineData("[1]")]
    [InlineData("[1:2:3:4:5:6:7]")]
    [InlineData("[1:2:3:4:5:6:7:8:9]")]
    [InlineData("[1:2:3:4::5:6:7:8]")]
    [InlineData("[1::2::3]")]
    [InlineData("[12345::]")]
    [InlineData("[g::]")]
    [InlineData("[::192.0.2.1:1]")]
    [InlineData("[192.0.2.1::]")]
    [InlineData("[::192.0.2.256]")]
    [InlineData("[::192.0.02.1]")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[v.x]")]
    [InlineData("[v1.]")]
    [InlineData("[vg.x]")]
    [InlineData("[::1]x")]
    [InlineData("a:b:c")]
    [InlineData("a/b")]
    public void Knows_what_is_no_authority(string text) => SiweGrammar.IsAuthority(text).ShouldBeFalse();

    // The examples of RFC 3339 §5.8 and the corners of its grammar.
    [Theory]
    [InlineData("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.5200000Z")]
    [InlineData("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.0000000Z")]
    [InlineData("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.8700000Z")]
    [InlineData("1990-12-31T23:59:60Z", "1991-01-01T00:00:00.0000000Z")]
    [InlineData("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.0000000Z")]
    [InlineData("2024-02-29t00:00:00z", "2024-02-29T00:00:00.0000000Z")]
    [InlineData("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.0000000Z")]
    [InlineData("2024-02-29T00:00:00.123456789Z", "2024-02-29T00:00:00.1234567Z")]
    [InlineData("2024-02-29T00:00:00+23:59", "2024-02-28T00:01:00.0000000Z")]
    public void Knows_times(string text, string instant)
    {
        var time = SiweTime.Parse(text).ShouldNotBeNull();
        time.Text.ShouldBe(text);
        time.Instant.UtcDateTime.ToString("O").ShouldBe(instant);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-02-29")]
    [InlineData("2024-02-29T00:00:00")]
    [InlineData("2024-02-29 00:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-13-01T00:00:00Z")]
    [InlineData("2024-00-01T00:00:00Z")]
    [InlineData("2024-01-00T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2024-01-01T24:00:00Z")]
    [InlineData("2024-01-01T00:60:00Z")]
    [InlineData("1990-12-30T23:59:60Z")]
    [InlineData("2024-01-01T00:00:00.Z")]
    [InlineData("2024-01-01T00:00:00.1")]
    [InlineData("2024-01-01T00:00:00ZZ")]
    [InlineData("2024-01-01T00:00:00+0000")]
    [InlineData("2024-01-01T00:00:00+24:00")]
    [InlineData("2024-01-01T00:00:00+00:60")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("2024-1-01T00:00:000Z")]
    [InlineData("２０２４-01-01T00:00:00Z")]
    public void Knows_what_is_no_time(string text) => SiweTime.Parse(text).ShouldBeNull();
}
