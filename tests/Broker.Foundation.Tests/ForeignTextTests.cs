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
}
