using System.Globalization;
using System.Text;
using System.Text.Json;
using Broker.Configuration;
using Broker.Operations;
using Microsoft.AspNetCore.Builder;

namespace Broker.Tests.Hosting;

/// <summary>
/// The broker itself, in this process: its own settings, data folder and databases on disk, a real Kestrel on a port of the
/// system's choice, a clock that the test moves, and an <see cref="StsPeer"/> beside it. Tests talk HTTP to it and read its
/// ledger with SQL.
/// </summary>
public sealed class BrokerApp : IAsyncDisposable
{
    public const string Issuer = "https://broker.example.test";
    public const string DataRole = "arn:aws:iam::123456789012:role/agentkeys-data-role";
    public const string VaultRole = "arn:aws:iam::123456789012:role/agentkeys-vault-role";

    private readonly Dictionary<string, string> _settings;
    private readonly TemporaryFolder? _ownFolder;
    private WebApplication? _app;

    private BrokerApp(Dictionary<string, string> settings, TemporaryFolder? ownFolder, StsPeer sts, TestClock clock)
    {
        _settings = settings;
        _ownFolder = ownFolder;
        Sts = sts;
        Clock = clock;
    }

    public StsPeer Sts { get; }

    public TestClock Clock { get; }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public string DataFolder => _settings["BROKER_DATA_DIR"];

    public string LedgerFile => _settings.GetValueOrDefault("BROKER_AUDIT_DB_PATH") ?? Path.Combine(DataFolder, "audit.sqlite");

    public string StateFile => Path.Combine(DataFolder, "broker.sqlite");

    public Uri Address => Http.BaseAddress!;

    /// <summary>A broker in production mode with two roles and no rate limits, but for what <paramref name="settings"/> say.</summary>
    public static async Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings)
    {
        var folder = settings.Any(one => one.Name == "BROKER_DATA_DIR") ? null : new TemporaryFolder();
        var clock = new TestClock();
        var sts = await StsPeer.StartAsync(clock);
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BROKER_PORT"] = "0",
            ["BROKER_OIDC_ISSUER"] = Issuer,
            ["BROKER_DATA_ROLE_ARN"] = DataRole,
            ["BROKER_DATA_BUCKET"] = "agentkeys-mail",
            ["BROKER_VAULT_ROLE_ARN"] = VaultRole,
            ["BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI"] = "0",
            ["BROKER_RATE_LIMIT_CHALLENGES_PER_HOUR_PER_IP"] = "0",
            ["BROKER_METRICS_ENABLED"] = "true",
            ["BROKER_LOG_LEVEL"] = "error",
            ["AWS_ENDPOINT_URL_STS"] = sts.Url,
        };
        if (folder is not null) all["BROKER_DATA_DIR"] = folder.Path;
        foreach (var (name, value) in settings) all[name] = value;

        var broker = new BrokerApp(all, folder, sts, clock);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Stops and starts over the same files, as a deployment does.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Signs in as this wallet and gives its session token.</summary>
    public async Task<string> SignInAsync(Wallet wallet) => (await SignInAnswerAsync(wallet)).ShouldBeOk()["session_jwt"]!;

    public async Task<Answer> SignInAnswerAsync(Wallet wallet)
    {
        var challenge = await ChallengeAsync(wallet.Address);
        return await PostAsync("/v1/auth/wallet/verify", new
        {
            request_id = challenge["request_id"],
            signature = wallet.Sign(challenge["siwe_message"]!),
        });
    }

    public async Task<Answer> ChallengeAsync(string address) =>
        (await PostAsync("/v1/auth/wallet/start", new { address, chain_id = 1 })).ShouldBeOk();

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), null, headers);

    /// <summary>Posts an object as JSON; without one, no body at all.</summary>
    public Task<Answer> PostAsync(string path, object? body = null, string? bearer = null, params (string Name, string Value)[] headers) =>
        PostRawAsync(path, body is null ? null : JsonSerializer.Serialize(body), bearer, headers);

    /// <summary>Posts this text as it is, labelled as JSON.</summary>
    public Task<Answer> PostRawAsync(string path, string? body, string? bearer = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return SendAsync(request, bearer, headers);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request, string? bearer = null, params (string Name, string Value)[] headers)
    {
        using (request)
        {
            if (bearer is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {bearer}");
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await Http.SendAsync(request);
            return await Answer.OfAsync(response);
        }
    }

    public IReadOnlyList<MintLogRow> MintLog() => MintLogRow.ReadAll(LedgerFile);

    /// <summary>What the ledger says of the request that got this answer.</summary>
    public IReadOnlyList<MintLogRow> RowsOf(Answer answer) => [.. MintLog().Where(row => row.RequestId == answer.RequestId)];

    public MintLogRow RowOf(Answer answer) => RowsOf(answer).ShouldHaveSingleItem();

    /// <summary>The value of a counter at <c>/metrics</c>.</summary>
    public async Task<long> MetricAsync(string name)
    {
        var text = (await GetAsync("/metrics")).Text;
        var line = text.Split('\n').Single(one => one.StartsWith($"agentkeys_broker_{name} ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await StopAsync();
        await Sts.DisposeAsync();
        _ownFolder?.Dispose();
    }

    public async Task StopAsync()
    {
        if (_app is null) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async Task StartAgainAsync()
    {
        var choices = new StartupChoices(CreateMissingKeys: true);
        _app = await BrokerHost.BuildAsync(new BootEnvironment(_settings), choices, Clock, CancellationToken.None);
        await _app.StartAsync();
        Http.BaseAddress ??= new Uri(_app.Urls.Single());

        // A restart comes back at the same address.
        _settings["BROKER_PORT"] = Address.Port.ToString(CultureInfo.InvariantCulture);
    }
}
