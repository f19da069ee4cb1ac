using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>A broker that people sign in to by mail and wallet, with clients that act for people.</summary>
public sealed class PeoplesBroker : IAsyncLifetime
{
    public const string Device = "urn:ietf:params:oauth:grant-type:device_code";
    public const string Callback = "http://127.0.0.1/callback";

    private readonly TemporaryFolder _folder = new();

    public BrokerApp App { get; private set; } = null!;

    public Wallet Wallet { get; } = new();

    public static string Verifier => "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    /// <summary>RFC 7636, appendix B.</summary>
    public static string Challenge => "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    public async Task InitializeAsync() => await StartAsync();

    public async Task StartAsync(params (string Name, string Value)[] settings)
    {
        var file = _folder.File("clients.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new object[]
        {
            new
            {
                client_id = "cli",
                client_name = "The command <line>",
                redirect_uris = (string[])[Callback],
                grant_types = (string[])["authorization_code", "refresh_token", Device],
            },
            new
            {
                client_id = "web",
                client_secret = "a secret of the web",
                redirect_uris = (string[])["https://web.example/back?tenant=1"],
                grant_types = (string[])["authorization_code", "refresh_token", Device],
                roles = (string[])["vault"],
                scope = "openid",
            },
        }));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        App = await BrokerApp.StartAsync(
        [
            ("BROKER_OAUTH_CLIENTS_FILE", file), ("BROKER_AUTH_METHODS", "wallet_sig,email_link"),
            ("BROKER_EMAIL_FROM_ADDRESS", "noreply@agentkeys.test"), ("BROKER_DEV_MODE", "true"), .. settings,
        ]);
    }

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        Wallet.Dispose();
        _folder.Dispose();
    }

    public Task<Answer> BeginAsync(params (string Name, string Value)[] form) =>
        App.PostFormAsync("/oauth/device_authorization", [("client_id", "cli"), .. form]);

    public Task<Answer> PollAsync(string deviceCode, string client = "cli") => App.PostFormAsync(
        "/oauth/token", ("grant_type", Device), ("client_id", client), ("device_code", deviceCode));

    public Task<Answer> DecideAsync(string bearer, string userCode, string decision) => App.PostAsync(
        "/v1/auth/device/decision", new { user_code = userCode, decision }, bearer);

    public Task<Answer> RefreshAsync(string token, params (string Name, string Value)[] form) => App.PostFormAsync(
        "/oauth/token", [("grant_type", "refresh_token"), ("client_id", "cli"), ("refresh_token", token), .. form]);

    public Task<Answer> RedeemAsync(string code, params (string Name, string Value)[] form)
    {
        var all = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = "cli",
            ["code"] = code,
            ["redirect_uri"] = Callback,
            ["code_verifier"] = Verifier,
        };
        foreach (var (name, value) in form) all[name] = value;
        return App.PostFormAsync("/oauth/token", [.. all.Select(one => (one.Key, one.Value))]);
    }

    /// <summary>The address to which a client sends a person; a parameter that is null is left out.</summary>
    public static string AuthorizeAddress(params (string Name, string? Value)[] changes)
    {
        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = "cli",
            ["redirect_uri"] = Callback,
            ["scope"] = "openid offline_access",
            ["state"] = "a state & more",
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes) query[name] = value;
        return "/oauth/authorize?" + string.Join('&', query.Where(one => one.Value is not null)
            .Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value!)}"));
    }

    /// <summary>What the client's address was given; nothing where the broker did not send the browser there.</summary>
    public static Dictionary<string, string> AnswerOf(Answer answer, string place = Callback)
    {
        ((int)answer.Status).ShouldBe(303, answer.Text);
        var location = answer.Header("Location")!;
        location.ShouldStartWith(place);
        return new Uri(location).Query.TrimStart('?').Split('&').Select(one => one.Split('=', 2))
            .ToDictionary(one => one[0], one => Uri.UnescapeDataString(one[1]));
    }

    public static string HashOf(string token) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)).AsSpan(0, 16));
}
