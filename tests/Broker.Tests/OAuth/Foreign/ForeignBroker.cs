using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth.Foreign;

/// <summary>A broker in development mode that takes the tokens of one foreign issuer, which is on loopback.</summary>
public sealed class ForeignBroker : IAsyncLifetime
{
    public const string Jwt = "urn:ietf:params:oauth:token-type:jwt";
    public const string IdToken = "urn:ietf:params:oauth:token-type:id_token";
    public const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    /// <summary>The usual rule: <c>job-…</c> gets sessions and tokens for the role vault.</summary>
    public const string UsualRule = """{"name":"jobs","claims":{"sub":"job-*"},"roles":["vault"]}""";

    private readonly TemporaryFolder _folder = new();
    private int _version;

    public BrokerApp App { get; private set; } = null!;

    public IssuerPeer Peer { get; private set; } = null!;

    public string File => _folder.File("issuers.json");

    public async Task InitializeAsync()
    {
        Peer = await IssuerPeer.StartAsync();
        Write(UsualRule);
        await StartAsync();
    }

    public async Task StartAsync(params (string Name, string Value)[] settings) => App = await BrokerApp.StartAsync(
    [
        ("BROKER_FOREIGN_ISSUERS_FILE", File), ("BROKER_DEV_MODE", "true"), .. settings,
    ]);

    /// <summary>Another file, whose time says that it is another one.</summary>
    public void Write(string rules, string more = "")
    {
        var text = $$"""{"issuers":[{"issuer":"{{Peer.Issuer}}"{{more}},"rules":[{{rules}}]}]}""";
        System.IO.File.WriteAllText(File, text);
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        System.IO.File.SetLastWriteTimeUtc(File, DateTime.UtcNow.AddSeconds(++_version));
    }

    public string Token(params (string Name, JsonNode? Value)[] changes) =>
        Peer.SignEs256(Peer.Claims(App.Clock.Now, changes));

    public Task<Answer> ExchangeAsync(string token, params (string Name, string Value)[] more) => App.PostFormAsync(
        "/oauth/token",
        [
            ("grant_type", TestClient.TokenExchange), ("subject_token", token), ("subject_token_type", Jwt), .. more,
        ]);

    public Task<Answer> ForAwsAsync(string token, params (string Name, string Value)[] more) => ExchangeAsync(
        token, [("audience", "sts.amazonaws.com"), ("requested_token_type", Jwt), .. more]);

    public static JsonElement EvidenceOf(MintLogRow row) => JsonDocument.Parse(row.Evidence).RootElement;

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        await Peer.DisposeAsync();
        _folder.Dispose();
    }
}
