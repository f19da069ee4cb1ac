namespace Broker.Foundation.Tests;

/// <summary>Numbers and base64 of others: the characters of the grammar, and no more.</summary>
public sealed class ForeignNumberTests
{
    [Theory]
    [InlineData("0", 0UL)]
    [InlineData("007", 7UL)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    public void Digits_are_read(string text, ulong expected)
    {
        DecimalDigits.TryRead(text, out var number).ShouldBeTrue();
        number.ShouldBe(expected);
        DecimalDigits.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out number).ShouldBeTrue();
        number.ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1\0")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\n")]
    [InlineData("1_000")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("0x1")]
    [InlineData("\u0661")]
    [InlineData("18446744073709551616")]
    public void Anything_else_is_no_number(string text)
    {
        DecimalDigits.TryRead(text, out _).ShouldBeFalse();
        DecimalDigits.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out _).ShouldBeFalse();
    }

    // The first three are of RFC 4648 §10.
    [Theory]
    [InlineData("", true)]
    [InlineData("Zg==", true)]
    [InlineData("Zm9vYmFy", true)]
    [InlineData("Zm9v YmFy", false)]
    [InlineData("Zm9vYmFy\n", false)]
    [InlineData("Zg", false)]
    [InlineData("Zg=", false)]
    [InlineData("Zh==", false)]
    [InlineData("Zg==Zg==", false)]
    [InlineData("-_-_", false)]
    public void Base64_has_one_spelling(string text, bool accepted) =>
        Base64Text.TryRead(text, out _).ShouldBe(accepted);
}
