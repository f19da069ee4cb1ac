using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Cryptography.Tests;

public class Rfc8785Tests
{
    // The literals and the string of RFC 8785 §3.2.2.
    [Fact]
    public void Writes_the_strings_and_literals_of_the_RFC() => Canonical(
        """
        {
          "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
          "literals": [null, true, false]
        }
        """).ShouldBe("""{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}""");

    // RFC 8785 §3.2.3: the order is that of UTF-16 code units, so an emoji comes before a Hebrew presentation form.
    [Fact]
    public void Sorts_the_members_of_the_RFC()
    {
        var canonical = Canonical(
            """
            {
              "\u20ac": "Euro Sign",
              "\r": "Carriage Return",
              "\ufb33": "Hebrew Letter Dalet With Dagesh",
              "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face",
              "\u0080": "Control",
              "\u00f6": "Latin Small Letter O With Diaeresis"
            }
            """);
        using var parsed = JsonDocument.Parse(canonical);
        parsed.RootElement.EnumerateObject().Select(member => member.Value.GetString()).ShouldBe(
        [
            "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
            "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
        ]);
    }

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData(" [ ] ", "[]")]
    [InlineData("""{"b":{"d":1,"c":2},"a":[{"z":1,"y":2}]}""", """{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}""")]
    [InlineData("""{"a":1,"A":2,"":3,"aa":4}""", """{"":3,"A":2,"a":1,"aa":4}""")]
    [InlineData("""["</script>&+\u007f\u2028"]""", "[\"</script>&+\u007f\u2028\"]")]
    [InlineData("""["\u0000\b\t\n\f\r\u001f\u000b"]""", """["\u0000\b\t\n\f\r\u001f\u000b"]""")]
    [InlineData("[9007199254740991,-9007199254740991,0,-0]", "[9007199254740991,-9007199254740991,0,0]")]
    public void Writes_one_form_for_one_value(string json, string expected) => Canonical(json).ShouldBe(expected);

    [Theory]
    [InlineData("1e400")]
    [InlineData("-1e309")]
    [InlineData("1.7976931348623159e308")]
    public void Refuses_numbers_that_no_double_holds(string number) =>
        Fault($$"""{"a":[{{number}}]}""").ShouldContain("range of a double");

    [Theory]
    [InlineData("""{"a":1,"b":2,"a":1}""", "stands twice")]
    [InlineData("""{"a":1,"\u0061":1}""", "stands twice")]
    [InlineData("""{"x":[{"a":1,"a":2}]}""", "stands twice")]
    [InlineData("""["\ud800"]""", "surrogate")]
    [InlineData("""{"\udc00":1}""", "surrogate")]
    public void Refuses_what_has_no_single_meaning(string json, string fault) => Fault(json).ShouldContain(fault);

    [Fact]
    public void Leaves_out_the_member_at_the_path_and_no_other()
    {
        const string json = """{"signature":1,"auth":{"signature":"s","address":"a"},"x":{"signature":2}}""";
        Canonical(json, "auth", "signature")
            .ShouldBe("""{"auth":{"address":"a"},"signature":1,"x":{"signature":2}}""");
        Canonical("""{"a":1}""", "auth", "signature").ShouldBe("""{"a":1}""");
        Canonical("""{"auth":[1]}""", "auth", "signature").ShouldBe("""{"auth":[1]}""");
    }

    [Fact]
    public void A_member_left_out_may_still_not_stand_twice() =>
        Fault("""{"auth":{"signature":1,"signature":2}}""", "auth", "signature").ShouldContain("stands twice");

    [Fact]
    public void Canonicalising_again_changes_nothing() =>
        Prop.ForAll(ArbMap.Default.ArbFor<Dictionary<NonNull<string>, NonNull<string>[]>>(), tree =>
        {
            var json = JsonSerializer.Serialize(tree.ToDictionary(
                entry => Whole(entry.Key.Get), entry => entry.Value.Select(text => Whole(text.Get)).ToArray()));
            var once = Canonical(json);
            return Canonical(once) == once;
        }).QuickCheckThrowOnFailure();

    /// <summary>Without halves of surrogate pairs, which the serialiser would replace.</summary>
    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Canonical(string json, params string[] without)
    {
        using var parsed = JsonDocument.Parse(json);
        Rfc8785.TryCanonicalize(parsed.RootElement, out var canonical, out var fault, without).ShouldBeTrue(fault);
        return Encoding.UTF8.GetString(canonical);
    }

    private static string Fault(string json, params string[] without)
    {
        using var parsed = JsonDocument.Parse(json);
        Rfc8785.TryCanonicalize(parsed.RootElement, out var canonical, out var fault, without).ShouldBeFalse();
        canonical.ShouldBeEmpty();
        return fault!;
    }
}
