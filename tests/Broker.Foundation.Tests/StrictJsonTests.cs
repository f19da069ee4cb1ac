using System.Text;
using System.Text.Json;

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

    [Fact]
    public void Reads_sixteen_levels_and_no_more()
    {
        StrictJson.Parse(Encoding.UTF8.GetBytes(new string('[', 16) + new string(']', 16))).Dispose();
        Should.Throw<JsonException>(
            () => StrictJson.Parse(Encoding.UTF8.GetBytes(new string('[', 17) + new string(']', 17))).Dispose());
    }
}
