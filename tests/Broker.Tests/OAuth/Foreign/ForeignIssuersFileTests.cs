using Broker.Foundation.Settings;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth.Foreign;

/// <summary><c>BROKER_FOREIGN_ISSUERS_FILE</c>: a file that says less than it should must not start.</summary>
public sealed class ForeignIssuersFileTests : IDisposable
{
    // RFC 7515, appendix A.3.
    private const string Key =
        """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";

    private const string Rule = """{"name":"a","claims":{"sub":"x"},"roles":["vault"]}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"issuer":"https://a.example","rules":[RULE]}""")]
    [InlineData("""{"issuer":"https://a.example/","algorithms":["ES384"],"audience":"x","jwks_uri":"https://a.example/k","rules":[RULE]}""")]
    [InlineData("""{"issuer":"https://a.example","jwks":{"keys":[KEY]},"max_token_seconds":60,"single_use":false,"rules":[RULE]}""")]
    [InlineData("""{"preset":"github-actions","rules":[{"name":"a","claims":{"repository_owner":"me"},"roles":["data"],"token_types":["jwt"],"audiences":["sts.amazonaws.com"]}]}""")]
    [InlineData("""{"preset":"gitlab","issuer":"https://gitlab.example","rules":[{"name":"a","claims":{"namespace_path":"g"},"roles":["data"]}]}""")]
    public async Task Starts_with_a_file_that_is_right(string issuer) => (await StartAsync(issuer)).ShouldBeNull();

    [Theory]
    [InlineData("""{"issuer":"https://a.example","rules":[RULE],"rolse":1}""", "file of issuers")]
    [InlineData("""{"issuer":"https://a.example"}""", "file of issuers")]
    [InlineData("""{"rules":[RULE]}""", "without its address")]
    [InlineData("""{"issuer":"http://a.example","rules":[RULE]}""", "https address")]
    [InlineData("""{"issuer":"http://127.0.0.1","rules":[RULE]}""", "https address")]
    [InlineData("""{"issuer":"https://a.example?x","rules":[RULE]}""", "https address")]
    [InlineData("""{"issuer":"https://a.example#x","rules":[RULE]}""", "https address")]
    [InlineData("""{"issuer":"https://u@a.example","rules":[RULE]}""", "https address")]
    [InlineData("""{"issuer":"a","rules":[RULE]}""", "https address")]
    [InlineData("""{"issuer":"https://a.example","rules":[RULE]},{"issuer":"https://a.example","rules":[RULE]}""", "twice")]
    [InlineData("""{"issuer":"https://a.example","algorithms":["none"],"rules":[RULE]}""", "algorithms must be of")]
    [InlineData("""{"issuer":"https://a.example","algorithms":["HS256"],"rules":[RULE]}""", "algorithms must be of")]
    [InlineData("""{"issuer":"https://a.example","algorithms":[],"rules":[RULE]}""", "algorithms must be of")]
    [InlineData("""{"issuer":"https://a.example","audience":"","rules":[RULE]}""", "audience must be")]
    [InlineData("""{"issuer":"https://a.example","max_token_seconds":86401,"rules":[RULE]}""", "max_token_seconds")]
    [InlineData("""{"issuer":"https://a.example","jwks":{"keys":[]},"rules":[RULE]}""", "no RSA key")]
    [InlineData("""{"issuer":"https://a.example","jwks":{"keys":[{"kty":"oct","k":"AA"}]},"rules":[RULE]}""", "private or secret")]
    [InlineData("""{"issuer":"https://a.example","jwks":{"keys":[KEY]},"jwks_uri":"https://a.example/k","rules":[RULE]}""", "not both")]
    [InlineData("""{"issuer":"https://a.example","jwks_uri":"http://a.example/k","rules":[RULE]}""", "jwks_uri must be")]
    [InlineData("""{"issuer":"https://a.example","rules":[]}""", "has no rules")]
    [InlineData("""{"issuer":"https://a.example","rules":[RULE,RULE]}""", "a rule twice")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"A","claims":{"sub":"x"},"roles":["vault"]}]}""", "name of a rule")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{},"roles":["vault"]}]}""", "at least one claim")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":["sub"],"roles":["vault"]}]}""", "must be an object")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"*"},"roles":["vault"]}]}""", "everything pass")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"a*b*"},"roles":["vault"]}]}""", "one *")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":["x"]},"roles":["vault"]}]}""", "sub must be a text")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":null},"roles":["vault"]}]}""", "sub must be a text")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"x"},"roles":[]}]}""", "of the catalogue")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"x"},"roles":["nobody"]}]}""", "of the catalogue")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"x"}}]}""", "file of issuers")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"x"},"roles":["vault"],"audiences":["b"]}]}""", "audiences must be")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"x"},"roles":["vault"],"token_types":["id_token"]}]}""", "token_types must be")]
    [InlineData("""{"issuer":"https://a.example","rules":[{"name":"a","claims":{"sub":"x"},"roles":["vault"],"max_session_seconds":59}]}""", "max_session_seconds")]
    [InlineData("""{"preset":"circleci","rules":[RULE]}""", "preset must be one of")]
    [InlineData("""{"preset":"github-actions","rules":[{"name":"a","claims":{"ref":"refs/heads/main"},"roles":["vault"]}]}""", "everybody has jobs at GitHub")]
    [InlineData("""{"preset":"github-actions","rules":[{"name":"a","claims":{"sub":"repo:me*"},"roles":["vault"]}]}""", "everybody has jobs at GitHub")]
    [InlineData("""{"preset":"github-actions","rules":[{"name":"a","claims":{"repository":"*/x"},"roles":["vault"]}]}""", "everybody has jobs at GitHub")]
    [InlineData("""{"preset":"github-actions","rules":[{"name":"a","claims":{"repository_id":1},"roles":["vault"]}]}""", "everybody has jobs at GitHub")]
    [InlineData("""{"preset":"github-actions","rules":[{"name":"a","claims":{"repositry_id":"1"},"roles":["vault"]}]}""", "no claim of github-actions")]
    [InlineData("""{"preset":"gitlab","rules":[{"name":"a","claims":{"ref":"main"},"roles":["vault"]}]}""", "everybody has jobs at GitLab")]
    [InlineData("""{"preset":"kubernetes","rules":[RULE]}""", "without its address")]
    [InlineData("""{"preset":"kubernetes","issuer":"https://k.example","rules":[{"name":"a","claims":{"sub":"system:serviceaccount:*"},"roles":["vault"]}]}""", "pin the namespace")]
    [InlineData("""{"preset":"spiffe","issuer":"https://a.example","rules":[RULE]}""", "trust domain")]
    [InlineData("""{"preset":"spiffe","issuer":"spiffe://a.example","rules":[{"name":"a","claims":{"sub":"spiffe://a.example/x"},"roles":["vault"]}]}""", "jwks or jwks_uri")]
    public async Task Refuses_a_file_that_is_wrong(string issuers, string reason) =>
        (await StartAsync(issuers)).ShouldNotBeNull().ShouldContain(reason);

    [Fact]
    public async Task Refuses_a_file_that_others_may_write() =>
        (await StartAsync("", UnixFileMode.UserRead | UnixFileMode.OtherWrite)).ShouldNotBeNull().ShouldContain("chmod go-w");

    /// <summary>The line that the start ends with; null where it started.</summary>
    private async Task<string?> StartAsync(string issuers, UnixFileMode mode = UnixFileMode.UserRead)
    {
        var path = _folder.File("issuers.json");
        File.WriteAllText(path, $$"""{"issuers":[{{issuers}}]}"""
            .Replace("RULE", Rule, StringComparison.Ordinal).Replace("KEY", Key, StringComparison.Ordinal));
        File.SetUnixFileMode(path, mode);
        try
        {
            await using var broker = await BrokerApp.StartAsync(("BROKER_FOREIGN_ISSUERS_FILE", path));
            return null;
        }
        catch (BootFailException fail)
        {
            fail.Line.ShouldStartWith("BOOT_FAIL: BROKER_FOREIGN_ISSUERS_FILE=");
            fail.Line.ShouldEndWith("see README#foreign-issuers");
            return fail.Line;
        }
    }
}
