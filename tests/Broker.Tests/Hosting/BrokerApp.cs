using System.Globalization;
using Broker.Foundation.Settings;
using Broker.Modules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Broker.Tests.Hosting;

/// <summary>
/// The broker itself, in this process: its own settings, data folder and databases on disk, a real Kestrel on a port of
/// the system's choice, a clock that the test moves, and an <see cref="StsPeer"/> beside it. Tests talk HTTP to it and
/// read its ledger with SQL.
/// </summary>
public sealed class BrokerApp : RunningBroker
{
    public const string Issuer = "https://broker.example.test";
    public const string DataRole = "arn:aws:iam::123456789012:role/agentkeys-data-role";
    public const string VaultRole = "arn:aws:iam::123456789012:role/agentkeys-vault-role";

    private readonly Dictionary<string, string> _settings;
    private readonly TemporaryFolder? _ownFolder;
    private IReadOnlyList<BrokerModule> _modules = [];
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

    /// <summary>For what only the process itself can show.</summary>
    internal IServiceProvider Services => _app!.Services;

    /// <summary>Every mapped route, variables filled in, with each of its methods.</summary>
    public IEnumerable<(string Method, string Path)> Routes =>
        RoutePatterns.Select(route => (route.Method, Filled(route.Pattern)));

    /// <summary>Every mapped route as it is declared, with each of its methods.</summary>
    public IEnumerable<(string Method, string Pattern)> RoutePatterns => ((IEndpointRouteBuilder)_app!).DataSources
        .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .SelectMany(route => route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
            .Select(method => (method, route.RoutePattern.RawText!)));

    /// <summary>Where a listener answers: 0 is the broker's own, those of modules follow.</summary>
    public Uri Listener(int index) => new(_app!.Urls.ElementAt(index));

    public override string DataFolder => _settings["BROKER_DATA_DIR"];

    public override string LedgerFile =>
        _settings.GetValueOrDefault("BROKER_AUDIT_DB_PATH") ?? Path.Combine(DataFolder, "audit.sqlite");

    /// <summary>
    /// A broker in production mode with two roles and no rate limits, but for what <paramref name="settings"/> say.
    /// </summary>
    public static Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings) =>
        StartWithAsync(BrokerModules.All, settings);

    /// <summary>The same with another list of modules.</summary>
    internal static async Task<BrokerApp> StartWithAsync(
        IReadOnlyList<BrokerModule> modules, params (string Name, string Value)[] settings)
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
            ["BROKER_RATE_LIMIT_CHANGES_PER_HOUR_PER_OMNI"] = "0",
            ["BROKER_RATE_LIMIT_LOOKUPS_PER_HOUR_PER_IP"] = "0",
            ["BROKER_RATE_LIMIT_PAIRINGS_PER_HOUR_PER_IP"] = "0",
            ["BROKER_RATE_LIMIT_PAIRING_POLLS_PER_HOUR_PER_IP"] = "0",
            ["BROKER_REFUSALS_PER_MINUTE_PER_SOURCE"] = "1000000",
            ["BROKER_REFUSALS_PER_MINUTE"] = "1000000",
            ["BROKER_DISK_RESERVE_MIB"] = "0",
            ["BROKER_METRICS_ENABLED"] = "true",
            ["BROKER_LOG_LEVEL"] = "error",
            ["AWS_ENDPOINT_URL_STS"] = sts.Url,
            ["AWS_ENDPOINT_URL_S3"] = Peers.DeadUrl,
        };
        if (folder is not null) all["BROKER_DATA_DIR"] = folder.Path;
        foreach (var (name, value) in settings) all[name] = value;

        var broker = new BrokerApp(all, folder, sts, clock) { _modules = modules };
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Stops and starts over the same files, as a deployment does.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>An address that a route with variables has.</summary>
    public static string Filled(string pattern) => pattern
        .Replace("{**path}", "0/000", StringComparison.Ordinal)
        .Replace("{id}", "01ARZ3NDEKTSV4RRFFQ69G5FAV", StringComparison.Ordinal)
        .Replace("{role}", "data", StringComparison.Ordinal)
        .Replace("{purpose}", "oidc", StringComparison.Ordinal)
        .Replace("{version}", "1", StringComparison.Ordinal);

    public override async ValueTask DisposeAsync()
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
        _app = await BrokerHost.BuildAsync(
            new BootEnvironment(_settings), choices, Clock, CancellationToken.None, _modules);
        await _app.StartAsync();
        Http.BaseAddress ??= new Uri(_app.Urls.First());

        // A restart comes back at the same address.
        _settings["BROKER_PORT"] = Address.Port.ToString(CultureInfo.InvariantCulture);
    }
}
