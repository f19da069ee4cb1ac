using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Doctor;

/// <summary>A broker of its own, set up as one test wants it.</summary>
internal sealed class SoleBroker : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sole-broker-");
    private ServerProcess? _process;

    public int Port { get; } = ServerProcess.FreePort();

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    public static async Task<SoleBroker> StartAsync(string? issuer, params (string Name, string Value)[] more)
    {
        var broker = new SoleBroker();
        (string, string)[] own = issuer is null ? [] : [("BROKER_OIDC_ISSUER", issuer)];
        broker._process = await ServerProcess.StartAsync(
            "Broker", broker._folder.FullName, new Uri(broker.Address, "healthz"),
            [
                ("BROKER_DEV_MODE", "true"), ("BROKER_PORT", $"{broker.Port}"), ("BROKER_LOG_LEVEL", "warn"),
                ("BROKER_DATA_DIR", Path.Combine(broker._folder.FullName, "data")), .. own, .. more,
            ]);
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
