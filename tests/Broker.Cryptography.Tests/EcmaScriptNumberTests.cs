using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Broker.Cryptography.Tests;

/// <summary>Numbers in the canonical form of JSON (RFC 8785 §3.2.2.3).</summary>
public class EcmaScriptNumberTests
{
    // RFC 8785 appendix B, all of its finite numbers: the double's bits and its text.
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void Writes_the_numbers_of_the_RFC(string bits, string expected)
    {
        var number = BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber));

        Canonical(number.ToString("E20", CultureInfo.InvariantCulture)).ShouldBe(expected);
        Canonical(expected).ShouldBe(expected);
    }

    [Theory]
    [InlineData("56.0", "56")]
    [InlineData("0.5", "0.5")]
    [InlineData("1e3", "1000")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("-0e5", "0")]
    [InlineData("1e-99999999999", "0")]
    [InlineData("-1e-400", "0")]
    [InlineData("100E-2", "1")]
    [InlineData("1e21", "1e+21")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    [InlineData("1000000000000000000000", "1e+21")]
    [InlineData("123456789012345678901234567890", "1.2345678901234568e+29")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("-0.0000012", "-0.0000012")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("18446744073709551615", "18446744073709552000")]
    [InlineData("2.2250738585072011e-308", "2.225073858507201e-308")]
    public void Writes_the_double_that_a_text_parses_to(string json, string expected) =>
        Canonical(json).ShouldBe(expected);

    [Fact]
    public void Every_double_is_read_back_as_itself()
    {
        var chance = new Random(8785);
        for (var n = 0; n < 100_000; n++)
        {
            var number = BitConverter.Int64BitsToDouble(chance.NextInt64(long.MinValue, long.MaxValue));
            if (!double.IsFinite(number)) continue;

            var text = Canonical(number.ToString("E20", CultureInfo.InvariantCulture));

            double.Parse(text, CultureInfo.InvariantCulture).ShouldBe(number);
            Canonical(text).ShouldBe(text);
        }
    }

    private static string Canonical(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        Rfc8785.TryCanonicalize(parsed.RootElement, out var canonical, out var fault).ShouldBeTrue(fault);
        return Encoding.UTF8.GetString(canonical);
    }
}
