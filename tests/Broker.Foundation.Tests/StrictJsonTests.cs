using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Foundation.Tests;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"o\":{\"a\":1,\"\\u0061\":2}}")]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{/* */\"a\":1}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("")]
    public void Refuses_what_two_readers_could_read_in_two_ways(string text) =>
        Should.Throw<JsonException>(() => StrictJson.Parse(Encoding.UTF8.GetBytes(text)).Dispose());

    [Fact]
    public void Refuses_bytes_that_are_not_utf8() =>
        Should.Throw<JsonException>(() => StrictJson.Parse(new byte[] { 0x22, 0xff, 0x22 }).Dispose());

    [Theory]
    [InlineData("{\"secret\":1,\"secret\":2}", "not JSON, a name twice, too deep, or not well-formed Unicode")]
    [InlineData("null", "not JSON, a name twice, too deep, or not well-formed Unicode")]
    [InlineData("{\"number\":\"secret\"}", "number has the wrong type")]
    [InlineData("{}", "a member is missing, or the whole is of another type")]
    [InlineData("[]", "a member is missing, or the whole is of another type")]
    public void Says_why_without_the_words_of_others(string text, string reason)
    {
        var wrong = Should.Throw<JsonException>(
            () => StrictJson.Deserialize(Encoding.UTF8.GetBytes(text), SampleJson.Default.Sample));

        StrictJson.Reason(wrong).ShouldBe(reason);
    }

    [Fact]
    public void Reads_sixteen_levels_and_no_more()
    {
        StrictJson.Parse(Encoding.UTF8.GetBytes(new string('[', 16) + new string(']', 16))).Dispose();
        Should.Throw<JsonException>(
            () => StrictJson.Parse(Encoding.UTF8.GetBytes(new string('[', 17) + new string(']', 17))).Dispose());
    }
}

internal sealed record Sample([property: JsonPropertyName("number"), JsonRequired] int Number);

[JsonSerializable(typeof(Sample))]
internal sealed partial class SampleJson : JsonSerializerContext;
