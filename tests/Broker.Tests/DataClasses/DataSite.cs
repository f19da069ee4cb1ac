using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Tests.Agents;
using Broker.Tests.Capabilities;
using Broker.Tests.Hosting;
using Broker.Tests.Inbox;

namespace Broker.Tests.DataClasses;

/// <summary>
/// A broker with the data-class services in its process, and the local cloud that trusts it. A master is signed in and
/// has paired an agent; both have a device, and the gates know them.
/// </summary>
internal sealed class DataSite : IAsyncDisposable
{
    public const string Kek = "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f";
    public const string Account = "000000000000";

    private readonly TemporaryFolder _folder;
    private readonly Wallet _wallet = new();
    private readonly Device _device = new(), _agentsDevice = new();

    private DataSite(TemporaryFolder folder, MailSite site, GatesFile gates) =>
        (_folder, Site, Gates) = (folder, site, gates);

    public MailSite Site { get; }

    public BrokerApp Broker => Site.Broker;

    public GatesFile Gates { get; }

    public string Session { get; private set; } = "";

    public string Master => _wallet.Omni;

    public string Agent { get; private set; } = "";

    public Device Device => _device;

    public Device AgentsDevice => _agentsDevice;

    public static string BucketOf(string one) => $"agentkeys-{one}-{Account}";

    public static async Task<DataSite> StartAsync(params (string Name, string Value)[] settings)
    {
        var folder = new TemporaryFolder();
        var gates = new GatesFile(folder.File("gates.json")).Write();
        var site = await MailSite.StartAsync(
            null, [.. SettingsOf(gates), ("BROKER_MODULES", "broker,cred,memory,config"), .. settings]);
        var data = new DataSite(folder, site, gates);
        data.Session = await site.Broker.SignInAsync(data._wallet);
        var agent = await site.Broker.PairAsync(data._agentsDevice, data.Session);
        data.Agent = Jws.Parse(agent).Claims.GetProperty("agentkeys").GetProperty("omni_account").GetString()!;
        data.AgentsSession = agent;
        gates.Device(data._device.KeyHash, data.Master, data.Master)
            .Device(data._agentsDevice.KeyHash, data.Master, data.Agent)
            .Scope(data.Master, data.Agent, "openrouter", "memory:notes").Write();
        return data;
    }

    public string AgentsSession { get; private set; } = "";

    /// <summary>What a process of services needs, with the broker or without.</summary>
    public static IEnumerable<(string Name, string Value)> SettingsOf(GatesFile gates) =>
    [
        ("BROKER_CAPABILITY_GATES", "static"), ("BROKER_CAPABILITY_STATIC_PATH", gates.Path),
        ("BROKER_CRED_PORT", "0"), ("BROKER_MEMORY_PORT", "0"), ("BROKER_CONFIG_PORT", "0"),
        ("AGENTKEYS_WORKER_KEK_HEX", Kek), ("AGENTKEYS_MEMORY_KEK_HEX", Kek), ("AGENTKEYS_CONFIG_KEK_HEX", Kek),
        .. ((string[])["vault", "memory", "config"]).SelectMany(one => ((string, string)[])
        [
            ($"BROKER_{one.ToUpperInvariant()}_ROLE_ARN", $"arn:aws:iam::{Account}:role/agentkeys-{one}-role"),
            ($"BROKER_{one.ToUpperInvariant()}_BUCKET", BucketOf(one)),
        ]),
    ];

    /// <summary>Where the service of a module answers.</summary>
    public Uri At(string module) => Broker.Listener(1 + Array.IndexOf(["cred", "memory", "config"], module));

    /// <summary>A capability, as the broker answers it.</summary>
    public async Task<JsonObject> MintAsync(
        string route, string op, string dataClass, string service, bool isAgents = false, string? bearer = null,
        long seconds = 300)
    {
        var device = isAgents ? _agentsDevice : _device;
        var wish = CapabilityBodies.Wish(Master, isAgents ? Agent : Master, device, service);
        wish["ttl_seconds"] = seconds;
        wish.ProvenBy(device, Broker.Clock.UnixSeconds, op, dataClass);
        var minted = (await Broker.PostAsync($"/v1/cap/{route}", wish, bearer ?? Session)).ShouldBeOk();
        return JsonNode.Parse(minted.Text)!.AsObject();
    }

    public Task<JsonObject> StoreCapAsync(string service = "openrouter") =>
        MintAsync("cred-store", "store", "credentials", service);

    public Task<JsonObject> FetchCapAsync(string service = "openrouter") =>
        MintAsync("cred-fetch", "fetch", "credentials", service);

    public Task<JsonObject> TeardownCapAsync() =>
        MintAsync("cred-teardown", "teardown", "credentials", "openrouter");

    /// <summary>The three headers, of credentials that the broker minted for this session.</summary>
    public async Task<(string Name, string Value)[]> HeadersAsync(string role, string? session = null)
    {
        var minted = (await Broker.PostAsync("/v1/mint-aws-creds", new { role }, session ?? Session)).ShouldBeOk();
        return
        [
            ("X-Aws-Access-Key-Id", minted["access_key_id"]!),
            ("X-Aws-Secret-Access-Key", minted["secret_access_key"]!),
            ("X-Aws-Session-Token", minted["session_token"]!),
        ];
    }

    public Task<Answer> PostAsync(
        string module, string route, JsonNode capability, string? plaintext = null,
        params (string Name, string Value)[] headers) =>
        PostAtAsync(At(module), $"v1/{module}/{route}", capability, plaintext, headers);

    public Task<Answer> PostAtAsync(
        Uri service, string path, JsonNode capability, string? plaintext, (string Name, string Value)[] headers)
    {
        var body = new JsonObject { ["cap"] = capability.DeepClone() };
        if (plaintext is not null) body["plaintext_b64"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(plaintext));
        return Broker.PostRawAsync(new Uri(service, path).AbsoluteUri, body.ToJsonString(), null, headers);
    }

    public static string TextOf(Answer fetched) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(fetched.ShouldBeOk()["plaintext_b64"]!));

    /// <summary>The error body of contract §11.5.</summary>
    public static Answer ShouldRefuse(Answer answer, int status, string reason)
    {
        ((int)answer.Status).ShouldBe(status, answer.Text);
        answer["reason"].ShouldBe(reason, answer.Text);
        answer["error"]!.Length.ShouldBeGreaterThan(5);
        answer.Json.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["error", "reason", "code", "next_step", "request_id"]);
        answer.Json.ValueKind.ShouldBe(JsonValueKind.Object);
        return answer;
    }

    /// <summary>SPKI PEM of the broker's session key, in a file.</summary>
    public string WriteSessionPublicKey()
    {
        using var key = Jws.KeyOf(Path.Combine(Broker.DataFolder, "session-keypair.json"));
        var path = _folder.File("session.pub.pem");
        File.WriteAllText(path, key.ExportSubjectPublicKeyInfoPem());
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await Site.DisposeAsync();
        foreach (var one in (IDisposable[])[_folder, _wallet, _device, _agentsDevice]) one.Dispose();
    }
}
