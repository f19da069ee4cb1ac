using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cryptography;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;
using Broker.Ledger.Sqlite;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// The data-class services as processes of their own, against radosgw: the broker mints capabilities and, by
/// <c>AssumeRoleWithWebIdentity</c>, the callers' STS credentials; the services verify by its public key, and S3 judges
/// what the credentials may do.
/// </summary>
[Collection(RadosgwTests.Name)]
public sealed class DataClassTests(RadosgwSite site) : IAsyncLifetime
{
    private const string Bucket = RadosgwSite.VaultBucket;
    private const string Secret = "sk-or-v1-0123456789";

    private readonly TemporaryFolder _folder = new();
    private readonly Secp256k1PrivateKey _device = Secp256k1PrivateKey.Generate();
    private readonly int[] _ports = [.. Enumerable.Range(0, 4).Select(_ => LoopbackPort.Free())];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private BrokerProcess? _services;
    private string _gates = "";

    private Uri Cred => new($"http://127.0.0.1:{_ports[0]}/");

    public async Task InitializeAsync()
    {
        if (!RadosgwTools.Present) return;
        _gates = site.GatesFile;
        await WriteGatesAsync();
        var settings = new Dictionary<string, string>
        {
            ["BROKER_MODULES"] = "cred,memory,config",
            ["BROKER_CRED_PORT"] = $"{_ports[0]}",
            ["BROKER_MEMORY_PORT"] = $"{_ports[1]}",
            ["BROKER_CONFIG_PORT"] = $"{_ports[2]}",
            ["BROKER_SESSION_PUBKEY_PATH"] = site.SessionPublicKeyFile,
            ["BROKER_CAPABILITY_GATES"] = "static",
            ["BROKER_CAPABILITY_STATIC_PATH"] = _gates,
            ["AWS_ENDPOINT_URL_S3"] = site.Cluster.Endpoint.AbsoluteUri,
            ["DAEMON_ACCESS_KEY_ID"] = RadosgwCluster.AdminKeys.AccessKeyId,
            ["DAEMON_SECRET_ACCESS_KEY"] = RadosgwCluster.AdminKeys.SecretAccessKey,
        };
        foreach (var (bucket, kek) in ((string, string)[])
            [("VAULT", "WORKER"), ("MEMORY", "MEMORY"), ("CONFIG", "CONFIG")])
        {
            settings[$"BROKER_{bucket}_BUCKET"] = Bucket;
            settings[$"AGENTKEYS_{kek}_KEK_HEX"] = RandomNumberGenerator.GetHexString(64, lowercase: true);
        }

        _services = await BrokerProcess.StartAsync(_folder.Path, _ports[3], settings);
    }

    public async Task DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        _http.Dispose();
        _device.Dispose();
        _folder.Dispose();
    }

    [RadosgwTheory]
    [InlineData(0, "cred", "credentials", "openrouter", "store fetch", "cred-store cred-fetch cred-teardown")]
    [InlineData(1, "memory", "memory", "memory:notes", "put get", "memory-put memory-get memory-teardown")]
    [InlineData(2, "config", "config", "taxonomy", "put get", "config-store config-fetch config-teardown")]
    public async Task Each_class_stores_fetches_and_tears_down(
        int port, string module, string dataClass, string service, string routes, string capabilities)
    {
        var (store, fetch) = (routes.Split(' ')[0], routes.Split(' ')[1]);
        var (storeCap, fetchCap, teardownCap) = capabilities.Split(' ') is [var first, var second, var third]
            ? (first, second, third)
            : throw new ArgumentException(capabilities);
        var keys = await HeadersAsync(site.Alice);
        var at = new Uri($"http://127.0.0.1:{_ports[port]}/v1/{module}/");

        var stored = await PostAsync(
            new Uri(at, store), await MintAsync(storeCap, "store", dataClass, service), keys, Secret);
        stored.Ok().Text("s3_key").ShouldBe($"{site.Alice.Prefix}{dataClass}/{service}.enc");
        var got = await PostAsync(new Uri(at, fetch), await MintAsync(fetchCap, "fetch", dataClass, service), keys);
        Encoding.UTF8.GetString(Convert.FromBase64String(got.Ok().Text("plaintext_b64"))).ShouldBe(Secret);

        // Sealed where it lies. Whoever put an object there owns it, so its owner looks.
        var (_, aws) = await site.MintAsync(site.Alice);
        (await aws.RunAsync(
            "s3", "cp", $"s3://{Bucket}/{site.Alice.Prefix}{dataClass}/{service}.enc", _folder.File("envelope")))
            .OrThrow();
        var envelope = await File.ReadAllBytesAsync(_folder.File("envelope"));
        envelope[0].ShouldBe((byte)2);
        envelope.Length.ShouldBe(Secret.Length + 29);
        Encoding.Latin1.GetString(envelope).ShouldNotContain(Secret);

        var gone = await PostAsync(
            new Uri(at, "teardown"), await MintAsync(teardownCap, "teardown", dataClass, service), keys);
        gone.Ok().Number("keys_deleted").ShouldBe(1);
        var missing = await PostAsync(new Uri(at, fetch), await MintAsync(fetchCap, "fetch", dataClass, service), keys);
        missing.Status.ShouldBe(HttpStatusCode.NotFound, missing.Body.GetRawText());
        missing.Text("reason").ShouldBe("s3_get");

        using var ledger = SqliteLedger.OpenReader(_folder.File("audit.sqlite"));
        foreach (var (answer, kind) in ((Answer, string)[])
            [(stored, "data_store"), (got, "data_fetch"), (gone, "data_teardown")])
        {
            var row = ledger.Find(answer.Text("audit_record_id")).ShouldNotBeNull().Columns;
            row.Kind.ShouldBe(kind);
            row.ActorOmni.ShouldBe(site.Alice.Omni);
            JsonElement.Parse(row.Evidence).GetProperty("credentials").GetString().ShouldBe("caller");
        }

        _services!.Log.ShouldNotContain(Secret);
        foreach (var (_, value) in keys.Skip(1)) _services.Log.ShouldNotContain(value);
    }

    [RadosgwFact]
    public async Task Another_actors_capability_or_credentials_an_expired_one_and_another_class_are_refused()
    {
        var (alices, bobs) = (await HeadersAsync(site.Alice), await HeadersAsync(site.Bob));
        var store = await MintAsync("cred-store", "store", "credentials", "openrouter");
        (await PostAsync(new Uri(Cred, "v1/cred/store"), store, alices, Secret)).Ok();
        var fetch = await MintAsync("cred-fetch", "fetch", "credentials", "openrouter", lifetime: 60);

        // Another actor's credentials: S3 says no. Another actor's capability: it is for that actor's prefix alone.
        (await RefusesAsync("v1/cred/fetch", fetch, bobs, HttpStatusCode.BadGateway, "s3_get"))
            .Text("error").ShouldContain("AccessDenied");
        var tampered = fetch.DeepClone();
        tampered["payload"]!["actor_omni"] = $"0x{site.Bob.Omni}";
        await RefusesAsync("v1/cred/fetch", tampered, alices, HttpStatusCode.Forbidden, "broker_sig_invalid");
        await RefusesAsync(
            "v1/cred/fetch", await MintAsync("memory-get", "fetch", "memory", "memory:notes"), alices,
            HttpStatusCode.Forbidden, "cap_data_class_mismatch");
        await RefusesAsync("v1/cred/teardown", fetch, alices, HttpStatusCode.Forbidden, "cap_op_mismatch");
        await RefusesAsync(
            "v1/cred/fetch", fetch, alices[..2], HttpStatusCode.Unauthorized, "sts_headers_incomplete");

        (await PostAsync(new Uri(Cred, "v1/cred/fetch"), fetch, alices)).Ok();
        await Task.Delay(TimeSpan.FromSeconds(61));
        await RefusesAsync("v1/cred/fetch", fetch, alices, HttpStatusCode.Forbidden, "cap_expired");
    }

    [RadosgwFact]
    public async Task Without_the_callers_credentials_those_of_the_process_are_used()
    {
        const string Service = "kept-by-the-process";
        var store = await MintAsync("cred-store", "store", "credentials", Service);
        (await PostAsync(new Uri(Cred, "v1/cred/store"), store, [], Secret)).Ok();

        var fetch = await MintAsync("cred-fetch", "fetch", "credentials", Service);
        var got = (await PostAsync(new Uri(Cred, "v1/cred/fetch"), fetch, [])).Ok();

        Encoding.UTF8.GetString(Convert.FromBase64String(got.Text("plaintext_b64"))).ShouldBe(Secret);
        using var ledger = SqliteLedger.OpenReader(_folder.File("audit.sqlite"));
        var row = ledger.Find(got.Text("audit_record_id")).ShouldNotBeNull().Columns;
        JsonElement.Parse(row.Evidence).GetProperty("credentials").GetString().ShouldBe("instance");
        (await PostAsync(
            new Uri(Cred, "v1/cred/teardown"),
            await MintAsync("cred-teardown", "teardown", "credentials", Service), [])).Ok();
    }

    [RadosgwFact]
    public async Task More_than_a_page_of_keys_is_torn_down()
    {
        const int Many = 1005;
        var teardown = new Uri($"http://127.0.0.1:{_ports[1]}/v1/memory/teardown");
        var before = await MintAsync("memory-teardown", "teardown", "memory", "memory:notes");
        (await PostAsync(teardown, before, await HeadersAsync(site.Alice))).Ok();
        var folder = Directory.CreateDirectory(_folder.File("many"));
        foreach (var index in Enumerable.Range(0, Many))
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"memory:{index}.enc"), "x");
        (await site.Cluster.Admin.RunAsync(
            "s3", "cp", "--recursive", "--quiet", folder.FullName, $"s3://{Bucket}/{site.Alice.Prefix}memory/"))
            .OrThrow();

        // Put there with the rights that the process has.
        var gone = await PostAsync(
            teardown, await MintAsync("memory-teardown", "teardown", "memory", "memory:notes"), []);

        gone.Ok().Number("keys_deleted").ShouldBe(Many);
        (await site.Cluster.Admin.RunAsync(
            "s3api", "list-objects-v2", "--bucket", Bucket, "--prefix", $"{site.Alice.Prefix}memory/"))
            .OrThrow().ShouldNotContain("memory:");
    }

    private async Task<Answer> RefusesAsync(
        string path, JsonNode capability, (string, string)[] headers, HttpStatusCode status, string reason)
    {
        var refused = await PostAsync(new Uri(Cred, path), capability, headers);
        refused.Status.ShouldBe(status, refused.Body.GetRawText());
        refused.Text("reason").ShouldBe(reason);
        return refused;
    }

    /// <summary>Alice's own device, which proves each wish (contract §2.17).</summary>
    private async Task<JsonNode> MintAsync(
        string route, string op, string dataClass, string service, int lifetime = 300)
    {
        var (nonce, time) = (Guid.NewGuid().ToString("n"), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var omni = site.Alice.Omni;
        var text = $"agentkeys-cap-pop:v1:{omni}:{omni}:{Keccak(service)}:{op}:{dataClass}:{nonce}:{time}";
        var signature = _device.SignRecoverable(PersonalMessage.Hash(Convert.FromHexString(Keccak(text))));
        var minted = (await site.Client.PostAsync($"v1/cap/{route}", new
        {
            operator_omni = $"0x{omni}",
            actor_omni = $"0x{omni}",
            device_key_hash = DeviceHash,
            service,
            ttl_seconds = lifetime,
            client_sig = $"0x{Convert.ToHexStringLower(signature)}",
            client_nonce = nonce,
            client_ts = time,
        }, site.Alice)).Ok();
        return JsonNode.Parse(minted.Body.GetRawText())!;
    }

    private async Task<(string Name, string Value)[]> HeadersAsync(WalletSession session)
    {
        var (minted, _) = await site.MintAsync(session);
        return
        [
            ("X-Aws-Access-Key-Id", minted.Text("access_key_id")),
            ("X-Aws-Secret-Access-Key", minted.Text("secret_access_key")),
            ("X-Aws-Session-Token", minted.Text("session_token")),
        ];
    }

    private async Task<Answer> PostAsync(
        Uri address, JsonNode capability, (string Name, string Value)[] headers, string? plaintext = null)
    {
        var body = new JsonObject { ["cap"] = capability.DeepClone() };
        if (plaintext is not null) body["plaintext_b64"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(plaintext));
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _http.SendAsync(request);
        return new Answer(answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync()));
    }

    private string DeviceHash => $"0x{Keccak(_device.PublicKey.Address.ToString(), isHex: true)}";

    private async Task WriteGatesAsync()
    {
        await File.WriteAllTextAsync(_gates, JsonSerializer.Serialize(new
        {
            k3_epoch = 3,
            devices = new[]
            {
                new
                {
                    device_key_hash = DeviceHash,
                    operator_omni = $"0x{site.Alice.Omni}",
                    actor_omni = $"0x{site.Alice.Omni}",
                    roles = 1,
                },
            },
            scopes = Array.Empty<object>(),
        }));
        File.SetUnixFileMode(_gates, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static string Keccak(string text, bool isHex = false) => Convert.ToHexStringLower(Keccak256.HashData(
        isHex ? Convert.FromHexString(text[2..]) : Encoding.UTF8.GetBytes(text)));
}
