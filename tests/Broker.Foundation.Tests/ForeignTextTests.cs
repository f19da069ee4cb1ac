namespace Broker.Foundation.Tests;

public sealed class ForeignTextTests
{
    [Theory]
    [InlineData("https://user:pw@host.example:8443/a/b?token=t#f", "https://host.example:8443/a/b")]
    [InlineData("http://token@127.0.0.1/", "http://127.0.0.1/")]
    [InlineData("not an address", "(not an address)")]
    public void An_address_is_shown_without_its_secrets(string address, string shown) =>
        ForeignText.Address(address).ShouldBe(shown);

    [Theory]
    [InlineData("https://user:pw@host.example:8443/a?token=t#f", "https://host.example:8443/a")]
    [InlineData("https://user:p/w@rd@host.example", "https://host.example")]
    [InlineData("user:pw@host.example?token=t", "host.example")]
    [InlineData("https://a.example/,https://user:pw@b.example/|vkey+1+x", "https://b.example/|vkey+1+x")]
    [InlineData("https://two words/#f", "https://two words/")]
    [InlineData("us-east-1", "us-east-1")]
    [InlineData("", "")]
    public void A_text_that_should_be_an_address_is_shown_without_its_secrets(string text, string shown) =>
        ForeignText.WithoutSecrets(text).ShouldBe(shown);

    [Fact]
    public void An_excerpt_has_no_control_characters_and_is_bounded() =>
        ForeignText.Excerpt("a\r\nb" + new string('x', 100), 5).ShouldBe("a??bx");

    [Theory]
    [InlineData("no such session: an+opaque/bearer==", "no such session: […]")]
    [InlineData("at /x/an%2Bopaque%2Fbearer%3D%3D/y", "at /x/[…]/y")]
    [InlineData("""{"echo":"an\u002Bopaque/bearer=="}""", """{"echo":"[…]"}""")]
    [InlineData("an+opaque/bearer==an+opaque/bearer==", "[…]")]
    [InlineData("got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln, sorry", "got […], sorry")]
    [InlineData("Authorization: Bearer short", "Authorization: […]")]
    [InlineData("see https://user:pw@host.example/a?key=value now", "see https[…]host.example/a[…] now")]
    [InlineData("""{"session_token":"0123456789"}""", """{"[…]"}""")]
    [InlineData("""-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END""", "[…]-----END")]
    [InlineData("Password: none", "Password: none")]
    [InlineData("the TCB level is out of date", "the TCB level is out of date")]
    public void An_excerpt_shows_no_secret_that_was_sent_and_none_that_looks_like_one(string text, string shown) =>
        ForeignText.Excerpt(text, 400, "an+opaque/bearer==", "").ShouldBe(shown);

    [Fact]
    public void A_secret_that_is_cut_by_the_end_of_an_excerpt_is_not_shown_in_part()
    {
        var secret = string.Concat(Enumerable.Range(0, 2000).Select(n => (char)('A' + (n * 7 % 26))));

        ForeignText.Excerpt(new string('.', 390) + secret, 400, secret).ShouldBe(new string('.', 390) + "[…]");
        ForeignText.Excerpt(System.Text.Encoding.UTF8.GetBytes(new string('é', 390) + secret), secret)
            .ShouldBe(new string('é', 390) + "[…]");

        // Blanks do not make room for what lies behind the excerpt.
        ForeignText.Excerpt(string.Concat(Enumerable.Repeat(secret, 40)), 400, secret).ShouldBe("[…]");
    }

    [Fact]
    public void A_long_text_that_tries_the_patterns_takes_no_long_time() =>
        ForeignText.Excerpt(string.Concat(Enumerable.Repeat("eyJ://?token", 100_000))).Length.ShouldBeLessThan(800);

    [Theory]
    [InlineData("https://user:p%40w@host.example/a?token=t%2B1&x=2", "user|p%40w|p@w|t%2B1|t+1|2")]
    [InlineData("https://host.example/a", "")]
    public void The_secrets_of_an_address_are_user_info_and_the_values_of_its_query(string address, string secrets) =>
        string.Join('|', ForeignText.SecretsOf(new Uri(address))).ShouldBe(secrets);
}
