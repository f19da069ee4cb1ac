using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>A broker with two clients: <c>mailer</c> may do everything, <c>reader</c> has the role vault only.</summary>
public sealed class OAuthBroker : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public BrokerApp App { get; private set; } = null!;

    internal TestClient Mailer { get; } = new("mailer");

    internal TestClient Reader { get; } = new("reader");

    public Wallet Wallet { get; } = new();

    /// <summary>Every grant by name, so that each fault is tried on each.</summary>
    public static TheoryData<string> EveryGrant =>
        [TestClient.ClientCredentials, TestClient.WalletGrant, TestClient.TokenExchange];

    public Task InitializeAsync() => StartAsync();

    public async Task StartAsync(params (string Name, string Value)[] settings)
    {
        var file = TestClient.FileOf(_folder, Mailer.Entry(null,
            TestClient.ClientCredentials, TestClient.WalletGrant, TestClient.TokenExchange),
            Reader.Entry(["vault"]));
        App = await BrokerApp.StartAsync([("BROKER_OAUTH_CLIENTS_FILE", file), .. settings]);
    }

    public Task<Answer> PostFormAsync(string path, params (string Name, string Value)[] form) =>
        App.PostFormAsync(path, form);

    public Task<Answer> PostFormAsync(string path, string? bearer, (string Name, string Value)[] form) =>
        App.PostFormAsync(path, bearer, form);

    /// <summary>Makes what comes before the grant; the result asks for the token.</summary>
    public async Task<Func<Task<Answer>>> PrepareAsync(string grant)
    {
        switch (grant)
        {
            case TestClient.ClientCredentials:
                return () => PostFormAsync(
                    "/oauth/token", [("grant_type", grant), .. Mailer.Proof(App.Clock.Now)]);
            case TestClient.WalletGrant:
                var message = (await App.ChallengeAsync(Wallet.Address))["siwe_message"]!;
                return () => PostFormAsync(
                    "/oauth/token", ("grant_type", grant), ("assertion", message),
                    ("signature", Wallet.Sign(message)));
            default:
                var session = await App.SignInAsync(Wallet);
                return () => ExchangeAsync(session);
        }
    }

    public Task<Answer> ExchangeAsync(string session, params (string Name, string Value)[] more) => PostFormAsync(
        "/oauth/token",
        [
            ("grant_type", TestClient.TokenExchange), ("subject_token", session),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("audience", "sts.amazonaws.com"), .. more,
        ]);

    public async Task<string> SessionOfAsync(string grant) =>
        (await (await PrepareAsync(grant))()).ShouldBeOk()["access_token"]!;

    internal async Task<string> SessionOfAsync(TestClient client) => (await PostFormAsync(
            "/oauth/token", [("grant_type", TestClient.ClientCredentials), .. client.Proof(App.Clock.Now)]))
        .ShouldBeOk()["access_token"]!;

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        _folder.Dispose();
        Mailer.Dispose();
        Reader.Dispose();
        Wallet.Dispose();
    }
}
