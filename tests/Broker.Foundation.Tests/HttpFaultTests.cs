namespace Broker.Foundation.Tests;

public sealed class HttpFaultTests
{
    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "the name does not resolve")]
    [InlineData(HttpRequestError.ConnectionError, "no connection")]
    [InlineData(HttpRequestError.SecureConnectionError, "no TLS session")]
    [InlineData(HttpRequestError.Unknown, "the call failed")]
    public void The_cause_is_told_in_our_words(HttpRequestError error, string words) =>
        HttpFault.Describe(new HttpRequestException(error, "secret.internal refused")).ShouldBe(words);

    [Fact]
    public void Every_cause_has_words_and_none_is_a_name_of_the_frameworks()
    {
        foreach (var error in Enum.GetValues<HttpRequestError>())
        {
            HttpFault.Describe(error).ShouldMatch("^[a-zA-Z ]{8,40}$");
            HttpFault.Describe(error).ShouldNotContain(error.ToString());
        }
    }
}
