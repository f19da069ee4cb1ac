using System.Diagnostics;
using System.Globalization;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// A real STS, IAM and S3 that we did not write: one ceph monitor, one in-memory OSD, one radosgw, all on 127.0.0.1.
/// </summary>
internal sealed class RadosgwCluster : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private Process? _restarted;

    private RadosgwCluster(int port) => Endpoint = new Uri($"http://127.0.0.1:{port}");

    public Uri Endpoint { get; }

    /// <summary>The user that may register OIDC providers and create roles and buckets.</summary>
    public static AwsKeys AdminKeys { get; } = new("ADMINKEY", "ADMINSECRET");

    public AwsCli Admin => new(Endpoint, AdminKeys);

    public static async Task<RadosgwCluster> StartAsync()
    {
        (await Command.RunAsync(
            Path.Combine(Fixtures.RepositoryRoot, "scripts", "install-requirements.sh"), ["--radosgw"])).OrThrow();
        var cluster = new RadosgwCluster(LoopbackPort.Free());
        (await Command.RunAsync(RadosgwTools.Up, [cluster._folder.Path], new Dictionary<string, string?>
        {
            ["RADOSGW_PORT"] = $"{cluster.Endpoint.Port}",
            ["RADOSGW_MON_PORT"] = $"{LoopbackPort.Free()}",
        })).OrThrow();
        return cluster;
    }

    /// <summary>radosgw stands still: it accepts connections and answers nothing.</summary>
    public Task FreezeAsync() => Command.SignalAsync("STOP", GatewayId);

    public Task ThawAsync() => Command.SignalAsync("CONT", GatewayId);

    /// <summary>
    /// radosgw ends; the port refuses connections. Buckets, roles and objects stay in the OSD. It ends in order: one that
    /// is killed stays registered there for half a minute, and whatever changes a user waits ten seconds for its word.
    /// </summary>
    public async Task StopGatewayAsync()
    {
        var gateway = GatewayId;
        await Command.SignalAsync("TERM", gateway);
        await WaitAsync(answers: false);
        using var limit = new CancellationTokenSource(LongestStart);
        while (IsRunning(gateway)) await Task.Delay(50, limit.Token);
    }

    /// <summary>Starts radosgw again, on the same port.</summary>
    public async Task StartGatewayAsync()
    {
        _restarted = Process.Start(new ProcessStartInfo("radosgw",
        [
            "-c", _folder.File("ceph.conf"), "-f", "-n", "client.rgw", "--ms_mon_client_mode=crc",
            "--auth_client_required=none",
        ])) ?? throw new InvalidOperationException("radosgw did not start");
        await WaitAsync(answers: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_restarted is not null)
        {
            _restarted.Kill();
            await _restarted.WaitForExitAsync();
            _restarted.Dispose();
        }

        await Command.RunAsync(RadosgwTools.Down, [_folder.Path]);
        _folder.Dispose();
    }

    /// <summary><c>radosgw-up</c> records the monitor, the OSD and radosgw, in this order.</summary>
    private int GatewayId => _restarted?.Id ??
        int.Parse(File.ReadLines(_folder.File("pids")).Last(), CultureInfo.InvariantCulture);

    // A process that has ended and is not waited for yet is a zombie.
    private static bool IsRunning(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].TrimStart().StartsWith('Z');
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return false;
        }
    }

    private async Task WaitAsync(bool answers)
    {
        using var http = new HttpClient { BaseAddress = Endpoint, Timeout = TimeSpan.FromSeconds(2) };
        using var limit = new CancellationTokenSource(LongestStart);
        while (await AnswersAsync(http) != answers) await Task.Delay(50, limit.Token);
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("/");
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
