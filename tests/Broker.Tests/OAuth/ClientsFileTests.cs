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
        (await StartAsync($$"""{"clients":[{"client_id":"a","jwks":{"keys":[{{Key}}]},"grant_types":[],"roles":[]}]}"""))
            .ShouldBeNull();

    [Theory]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[],"rolse":["data"]}]}""", "file of clients")]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":["password"]}]}""", "grant_types")]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[],"roles":["nobody"]}]}""", "catalogue")]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[]},"grant_types":[]}]}""", "1 to 16 keys")]
    [InlineData("""{"clients":[{"client_id":"a b","jwks":{"keys":[KEY]},"grant_types":[]}]}""", "client_id")]
    [InlineData("""{"clients":[{"client_id":"","jwks":{"keys":[KEY]},"grant_types":[]}]}""", "client_id")]
    [InlineData("""{"clients":[{"jwks":{"keys":[KEY]},"grant_types":[]}]}""", "file of clients")]
    [InlineData("""{"clients":[],"clients":[]}""", "file of clients")]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[{"kty":"RSA","crv":"","x":"","y":""}]},"grant_types":[]}]}""", "P-256")]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]},"grant_types":[]}]}""", "not a point")]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"X","y":"Y","d":"AA"}]},"grant_types":[]}]}""", "file of clients")]
    [InlineData("""{"clients":[{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[]},{"client_id":"a","jwks":{"keys":[KEY]},"grant_types":[]}]}""", "twice")]
    [InlineData("", "file of clients")]
    [InlineData("[]", "file of clients")]
    public async Task Refuses_a_file_that_is_wrong(string text, string reason) =>
        (await StartAsync(text.Replace("KEY", Key, StringComparison.Ordinal))).ShouldNotBeNull().ShouldContain(reason);

    [Fact]
    public async Task Refuses_a_file_that_others_may_write() =>
        (await StartAsync("""{"clients":[]}""", UnixFileMode.UserRead | UnixFileMode.GroupWrite))
            .ShouldNotBeNull().ShouldContain("chmod go-w");

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
