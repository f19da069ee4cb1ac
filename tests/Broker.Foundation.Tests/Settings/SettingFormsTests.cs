using System.Net;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Foundation.Tests.Settings;

/// <summary>The one grammar of settings: what each form takes, and the words for what it does not.</summary>
public sealed class SettingFormsTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    public void A_switch_is_a_word_or_a_digit(string text, bool isOn) => Switch(text).ShouldBe(isOn);

    [Theory]
    [InlineData("TRUE")]
    [InlineData("yes")]
    [InlineData("")]
    [InlineData(" true")]
    public void A_misspelt_switch_is_refused(string text) =>
        Refusal(Switch, text).ShouldBe("must be true or false");

    [Theory]
    [InlineData("1500ms", 1_500)]
    [InlineData("45", 45_000)]
    [InlineData("90s", 90_000)]
    [InlineData("2m", 120_000)]
    [InlineData("24h", 86_400_000)]
    public void A_duration_is_a_number_with_a_unit_and_seconds_without(string text, int milliseconds) =>
        Duration(text).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("0")]
    [InlineData("-1s")]
    [InlineData("25h")]
    [InlineData("1d")]
    [InlineData("1.5h")]
    [InlineData("h")]
    [InlineData("1 h")]
    [InlineData("2147483647h")]
    [InlineData("99999999999999h")]
    public void What_is_no_duration_or_longer_than_a_day_is_refused(string text) =>
        Refusal(Duration, text).ShouldContain("must be a duration");

    [Theory]
    [InlineData("3600", 3600)]
    [InlineData("+3600", 3600)]
    [InlineData("1h", 3600)]
    [InlineData("15m", 900)]
    [InlineData("900000ms", 900)]
    public void Seconds_take_the_same_units(string text, int seconds) =>
        Seconds("X", 900, 43_200)(text).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("899", "X must be between 900 and 43200, got 899")]
    [InlineData("-1", "X must be between 900 and 43200, got -1")]
    [InlineData("13h", "X must be between 900 and 43200, got 46800")]
    [InlineData("2147483647h", "X must be between 900 and 43200, got 7730941129200")]
    [InlineData("900500ms", "must be whole seconds")]
    [InlineData("soon", "could not be parsed")]
    [InlineData(" 900", "could not be parsed")]
    [InlineData("900d", "could not be parsed")]
    public void Seconds_beyond_their_bounds_are_refused(string text, string why) =>
        Refusal(Seconds("X", 900, 43_200), text).ShouldStartWith(why);

    [Theory]
    [InlineData("65536", "is not a port number: it must be between 0 and 65535, got 65536")]
    [InlineData("-1", "is not a port number: it must be between 0 and 65535, got -1")]
    [InlineData("http", "could not be parsed as a port number")]
    [InlineData(" 80", "could not be parsed as a port number")]
    public void A_port_that_is_none_is_refused(string text, string why) =>
        Refusal<int>(SettingForms.Port, text).ShouldBe(why);

    [Fact]
    public void A_list_leaves_out_what_is_empty() => List(" a, b,,c ,").ShouldBe(["a", "b", "c"]);

    [Fact]
    public void Localhost_is_the_loopback_address()
    {
        Address("localhost").ShouldBe(IPAddress.Loopback);
        Address("::1").ShouldBe(IPAddress.IPv6Loopback);
        Refusal(Address, "127.0.0.1:80").ShouldContain("IP address");
    }

    [Fact]
    public void An_address_as_text_stays_as_it_is_written()
    {
        HttpUrlText("http://h/{OS_IMAGE_HASH}.tar.gz?sig=A%2fb").ShouldBe("http://h/{OS_IMAGE_HASH}.tar.gz?sig=A%2fb");
        Refusal(HttpUrlText, "file:///etc/passwd").ShouldContain("http");
        Refusal(HttpUrl, "https://h/?q=1").ShouldContain("without user, query or fragment");
    }

    [Fact]
    public void A_path_begins_at_home_or_here()
    {
        FilePath("~/keys").ShouldBe(Path.Combine(HomeDirectory, "keys"));
        FilePath("keys").ShouldBe(Path.Combine(Directory.GetCurrentDirectory(), "keys"));
        Refusal(FilePath, "/tmp/two\nlines").ShouldContain("control characters");
        Refusal(FilePath, "/" + new string('a', 4095)).ShouldContain("4095");
    }

    private static string Refusal<T>(Func<string, T> parse, string text) =>
        Should.Throw<FormatException>(() => parse(text), text).Message;
}
