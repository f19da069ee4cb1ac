using System.Text.Json.Nodes;
using Broker.Cli.Tests.Support;
using Broker.Cli.Tests.Tee;

namespace Broker.Cli.Tests.Issuer;

/// <summary>
/// A broker in a simulated confidential machine: its guest agent, its collateral service, and its process.
/// </summary>
internal sealed class AttestedBroker : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("attested-broker-");
    private readonly SimulatedTee _tee;
    private ServerProcess? _process;

    private AttestedBroker(SimulatedTee tee, int port) =>
        (_tee, Address) = (tee, new Uri($"http://127.0.0.1:{port}/"));

    public Uri Address { get; }

    /// <summary>As it stands in tokens.</summary>
    public string Issuer => Address.GetLeftPart(UriPartial.Authority);

    public string LedgerFile => Path.Combine(_folder.FullName, "data", "audit.sqlite");

    public HttpClient Http => field ??= new HttpClient { BaseAddress = Address };

    /// <summary>What the broker logged.</summary>
    public string Log => _process!.Log;

    /// <param name="pki">The hierarchy that certifies the machine.</param>
    /// <param name="name">The machine's.</param>
    /// <param name="machine">Further words of <c>brokerctl tee simulate</c>.</param>
    /// <param name="settings">Further ones of the broker.</param>
    public static async Task<AttestedBroker> StartAsync(
        string pki, string name, string[] machine, params (string Name, string Value)[] settings)
    {
        var pccs = ServerProcess.FreePort();
        var tee = await SimulatedTee.StartAsync(pki, name, ["--pccs-port", $"{pccs}", .. machine]);
        var port = ServerProcess.FreePort();
        var broker = new AttestedBroker(tee, port);
        try
        {
            broker._process = await ServerProcess.StartAsync(
                "Broker", broker._folder.FullName, new Uri(broker.Address, "healthz"),
                [
                    ("BROKER_DEV_MODE", "true"), ("BROKER_PORT", $"{port}"), ("BROKER_LOG_LEVEL", "warn"),
                    ("BROKER_DATA_DIR", Path.Combine(broker._folder.FullName, "data")),
                    ("BROKER_KMS_AGENT_ADDRESS", $"unix:{Path.Combine(pki, $"{name}.sock")}"),
                    ("BROKER_KMS_ATTESTATION_URLS_PCCS", $"http://127.0.0.1:{pccs}"),
                    ("BROKER_KMS_ATTESTATION_ROOT_CA_TDX", Path.Combine(pki, "root-ca.der")),
                    ("BROKER_KMS_ATTESTATION_INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS", "true"),
                    .. settings,
                ]);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonNode> EvidenceAsync(string query = "") =>
        JsonNode.Parse(await Http.GetStringAsync(new Uri($".well-known/issuer-attestation{query}", UriKind.Relative)))!;

    /// <summary>Has an entry in the ledger: that of a refusal.</summary>
    public async Task EnterAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/mint-oidc-jwt", UriKind.Relative));
        request.Headers.Authorization = new("Bearer", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
        using var refused = await Http.SendAsync(request);
        refused.StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
    }

    /// <summary>The guest agent ends; the broker goes on.</summary>
    public Task StopMachineAsync() => _tee.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null) await _process.DisposeAsync();
        await _tee.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
