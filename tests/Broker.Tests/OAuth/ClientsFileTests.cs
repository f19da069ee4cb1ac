using Broker.Foundation.Settings;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary><c>BROKER_OAUTH_CLIENTS_FILE</c>: a file that says less than it should must not start.</summary>
public sealed class ClientsFileTests : IDisposable
{
    private const string Key = """{"kty":"EC","crv":"P-256","x":"X","y":"Y"}""";

    // RFC 7515, appendix A.3.
    private const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Starts_with_a_file_that_is_right() =>
        (await StartAsync($$"""[{"client_id":"a","jwks":{"keys":[{{Key}}]},"grant_types":[],"roles":[]}]"""))
            .ShouldBeNull();

    [Theory]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[],"rolse":["data"]}]""", "file of clients")]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":["password"]}]""", "grant_types")]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[],"roles":["nobody"]}]""", "catalogue")]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[]},"grant_types":[]}]""", "1 to 16 keys")]
    [InlineData("""[{"client_id":"a b","jwks":{"keys":[KEY]},"grant_types":[]}]""", "client_id")]
    [InlineData("""[{"client_id":"","jwks":{"keys":[KEY]},"grant_types":[]}]""", "client_id")]
    [InlineData("""[{"jwks":{"keys":[KEY]},"grant_types":[]}]""", "file of clients")]
    [InlineData("""[{"client_id":"a","client_id":"b"}]""", "file of clients")]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[{"kty":"RSA","crv":"","x":"","y":""}]},"grant_types":[]}]""", "P-256")]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]},"grant_types":[]}]""", "not a point")]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"X","y":"Y","d":"AA"}]},"grant_types":[]}]""", "file of clients")]
    [InlineData("""[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[]},{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[]}]""", "twice")]
    [InlineData("""[{"client_id":"https://a.example/client"}]""", "not an address")]
    [InlineData("""[{"client_id":"a","token_endpoint_auth_method":"client_secret_basic"}]""", "with a client_secret")]
    [InlineData("""[{"client_id":"a","token_endpoint_auth_method":"none","client_secret":"s"}]""", "without a client_secret")]
    [InlineData("""[{"client_id":"a","token_endpoint_auth_method":"private_key_jwt"}]""", "with jwks")]
    [InlineData("""[{"client_id":"a","token_endpoint_auth_method":"tls_client_auth"}]""", "is one of")]
    [InlineData("""[{"client_id":"a","client_secret":""}]""", "client_secret must be")]
    [InlineData("""[{"client_id":"a","grant_types":["client_credentials"]}]""", "needs a client_secret or jwks")]
    [InlineData("""[{"client_id":"a","grant_types":["authorization_code"]}]""", "needs redirect_uris")]
    [InlineData("""[{"client_id":"a","redirect_uris":["http://elsewhere.example/"]}]""", "redirect_uris must be")]
    [InlineData("""[{"client_id":"a","redirect_uris":["https://a.example/#x"]}]""", "redirect_uris must be")]
    [InlineData("""[{"client_id":"a","redirect_uris":["javascript:alert(1)"]}]""", "redirect_uris must be")]
    [InlineData("""[{"client_id":"a","scope":"openid admin"}]""", "scope is of")]
    [InlineData("", "file of clients")]
    [InlineData("""{"clients":[]}""", "file of clients")]
    public async Task Refuses_a_file_that_is_wrong(string text, string reason) =>
        (await StartAsync(text.Replace("KEY", Key, StringComparison.Ordinal))).ShouldNotBeNull().ShouldContain(reason);

    [Fact]
    public async Task Refuses_a_file_that_others_may_write() =>
        (await StartAsync("[]", UnixFileMode.UserRead | UnixFileMode.GroupWrite))
            .ShouldNotBeNull().ShouldContain("chmod go-w");

    [Fact]
    public async Task Refuses_a_file_with_a_secret_that_others_may_read()
    {
        const string Text = """[{"client_id":"a","client_secret":"s"}]""";

        (await StartAsync(Text, UnixFileMode.UserRead | UnixFileMode.OtherRead))
            .ShouldNotBeNull().ShouldContain("chmod 600");
        (await StartAsync(Text)).ShouldBeNull();
    }

    [Fact]
    public async Task Refuses_a_file_that_is_not_there() =>
        (await StartAsync(null)).ShouldNotBeNull().ShouldContain("no such file");

    /// <summary>The line that the start ends with; null where it started.</summary>
    private async Task<string?> StartAsync(string? text, UnixFileMode mode = UnixFileMode.UserRead)
    {
        var path = _folder.File("clients.json");
        if (text is not null)
        {
            File.WriteAllText(path, text.Replace("\"X\"", $"\"{X}\"", StringComparison.Ordinal)
                .Replace("\"Y\"", $"\"{Y}\"", StringComparison.Ordinal));
            File.SetUnixFileMode(path, mode);
        }

        try
        {
            await using var broker = await BrokerApp.StartAsync(("BROKER_OAUTH_CLIENTS_FILE", path));
            return null;
        }
        catch (BootFailException fail)
        {
            fail.Line.ShouldStartWith("BOOT_FAIL: BROKER_OAUTH_CLIENTS_FILE=");
            fail.Line.ShouldEndWith("see README#oauth");
            return fail.Line;
        }
    }
}
