using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3.Model;
using Broker.LocalCloud.Faults;
using Broker.Tests.Capabilities;
using Broker.Tests.Hosting;

namespace Broker.Tests.DataClasses;

/// <summary>
/// Storing, fetching and tearing down in the broker's own process, with the callers' own STS credentials: what a
/// capability lets happen, what is on record of it, and what is refused with which reason.
/// </summary>
public sealed class DataClassTests : IAsyncLifetime
{
    private const string Secret = "sk-or-v1-0123456789";

    private DataSite _site = null!;

    public async Task InitializeAsync() => _site = await DataSite.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Theory]
    [InlineData("cred", "vault", "credentials", "openrouter", "store fetch", "cred-store cred-fetch cred-teardown")]
    [InlineData("memory", "memory", "memory", "memory:notes", "put get", "memory-put memory-get memory-teardown")]
    [InlineData("config", "config", "config", "taxonomy", "put get", "config-store config-fetch config-teardown")]
    public async Task What_is_stored_is_fetched_and_torn_down_and_each_is_on_record(
        string module, string role, string dataClass, string service, string routes, string capabilities)
    {
        var (store, fetch) = (routes.Split(' ')[0], routes.Split(' ')[1]);
        var (storeCap, fetchCap, teardownCap) = capabilities.Split(' ') is [var first, var second, var third]
            ? (first, second, third)
            : throw new ArgumentException(capabilities);
        var headers = await _site.HeadersAsync(role);
        var may = await _site.MintAsync(storeCap, "store", dataClass, service);

        var stored = (await _site.PostAsync(module, store, may, Secret, headers)).ShouldBeOk();

        var key = $"bots/{_site.Master}/{dataClass}/{service}.enc";
        stored["ok"].ShouldBe("True");
        stored["s3_key"].ShouldBe(key);
        stored.Number("envelope_size").ShouldBe(Secret.Length + 29);
        var row = _site.Broker.RowOf(stored);
        row.Kind.ShouldBe("data_store");
        row.Outcome.ShouldBe("ok");
        row.RecordId.ShouldBe(stored["audit_record_id"]);
        row.ActorOmni.ShouldBe(_site.Master);
        row.Subject.ShouldBe(key);
        var nonce = may["payload"]!["nonce"]!.GetValue<string>();
        foreach (var fact in (string[])["\"credentials\":\"caller\"", nonce, DataSite.BucketOf(role)])
            row.Evidence.ShouldContain(fact);

        // Sealed where it lies, under a class's own key.
        var envelope = await ReadAsync(role, key);
        envelope[0].ShouldBe((byte)2);
        envelope.Length.ShouldBe(Secret.Length + 29);
        System.Text.Encoding.Latin1.GetString(envelope).ShouldNotContain(Secret);

        var mayFetch = await _site.MintAsync(fetchCap, "fetch", dataClass, service);
        var fetched = await _site.PostAsync(module, fetch, mayFetch, null, headers);
        DataSite.TextOf(fetched).ShouldBe(Secret);
        _site.Broker.RowOf(fetched).Kind.ShouldBe("data_fetch");
        _site.Broker.RowOf(fetched).RecordId.ShouldBe(fetched["audit_record_id"]);

        var mayTearDown = await _site.MintAsync(teardownCap, "teardown", dataClass, service);
        var gone = (await _site.PostAsync(module, "teardown", mayTearDown, null, headers)).ShouldBeOk();
        gone.Number("keys_deleted").ShouldBe(1);
        _site.Broker.RowOf(gone).Kind.ShouldBe("data_teardown");
        (await _site.PostAsync(module, "teardown", mayTearDown, null, headers)).ShouldBeOk()
            .Number("keys_deleted").ShouldBe(0);
        DataSite.ShouldRefuse(await _site.PostAsync(module, fetch, mayFetch, null, headers), 404, "s3_get")
            ["code"].ShouldBe("data_not_stored");
        foreach (var answer in (Answer[])[stored, fetched, gone])
            foreach (var entry in _site.Broker.RowsOf(answer)) $"{entry}".ShouldNotContain(Secret);
    }

    [Fact]
    public async Task A_capability_is_taken_for_what_it_is_for_and_nothing_else()
    {
        var headers = await _site.HeadersAsync("vault");
        var (store, fetch) = (await _site.StoreCapAsync(), await _site.FetchCapAsync());
        (await _site.PostAsync("cred", "store", store, Secret, headers)).ShouldBeOk();

        // Another op.
        foreach (var route in (string[])["fetch", "teardown"])
            await Refuses("cred", route, store, 403, "cap_op_mismatch", headers);
        await Refuses("cred", "store", fetch, 403, "cap_op_mismatch", headers, Secret);
        await Refuses("cred", "teardown", fetch, 403, "cap_op_mismatch", headers);

        // Another class: its op is right.
        await Refuses("memory", "put", store, 403, "cap_data_class_mismatch", headers, Secret);
        await Refuses("config", "get", fetch, 403, "cap_data_class_mismatch", headers);
        await Refuses(
            "cred", "teardown", await _site.MintAsync("memory-teardown", "teardown", "memory", "memory:notes"), 403,
            "cap_data_class_mismatch", headers);

        // Every member is signed; so is each of their letters.
        foreach (var (name, _) in fetch["payload"]!.AsObject().ToArray())
        {
            var changed = fetch.DeepClone();
            changed["payload"]![name] = name switch
            {
                "operator_omni" or "actor_omni" => $"0x{_site.Agent}",
                "device_key_hash" => _site.AgentsDevice.KeyHash,
                "service" => "openroutes",
                "op" => "teardown",
                "data_class" => "memory",
                "nonce" => new string('0', 32),
                _ => fetch["payload"]![name]!.GetValue<long>() + 1,
            };
            await Refuses("cred", "fetch", changed, 403, "broker_sig_invalid", headers);
        }

        var upper = fetch.DeepClone();
        upper["payload"]!["service"] = "OpenRouter";
        await Refuses("cred", "fetch", upper, 403, "broker_sig_invalid", headers);
        foreach (var signature in (string[])["", "AA", new('A', 86), store["broker_sig"]!.GetValue<string>()])
        {
            var other = fetch.DeepClone();
            other["broker_sig"] = signature;
            await Refuses("cred", "fetch", other, 403, "broker_sig_invalid", headers);
        }

        // However it was written on its way here.
        var reordered = new JsonObject { ["broker_sig"] = fetch["broker_sig"]!.DeepClone() };
        reordered["payload"] = new JsonObject(
            fetch["payload"]!.AsObject().Reverse().Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())));
        DataSite.TextOf(await _site.PostAsync("cred", "fetch", reordered, null, headers)).ShouldBe(Secret);
    }

    [Fact]
    public async Task A_capability_ends_with_its_time_its_device_its_scope_and_its_epoch()
    {
        var headers = await _site.HeadersAsync("vault");
        (await _site.PostAsync("cred", "store", await _site.StoreCapAsync(), Secret, headers)).ShouldBeOk();
        var fetch = await _site.FetchCapAsync();

        _site.Broker.Clock.Advance(TimeSpan.FromSeconds(299));
        (await _site.PostAsync("cred", "fetch", fetch, null, headers)).ShouldBeOk();
        _site.Broker.Clock.Advance(TimeSpan.FromSeconds(1));
        await Refuses("cred", "fetch", fetch, 403, "cap_expired", headers);

        // Ahead of the clock by more than a minute.
        var early = await _site.FetchCapAsync();
        var now = _site.Broker.Clock.Now;
        _site.Broker.Clock.AdjustTime(now - TimeSpan.FromSeconds(61));
        await Refuses("cred", "fetch", early, 403, "cap_not_yet_valid", headers);
        _site.Broker.Clock.AdjustTime(now - TimeSpan.FromSeconds(60));
        (await _site.PostAsync("cred", "fetch", early, null, headers)).ShouldBeOk();
        _site.Broker.Clock.AdjustTime(now);

        // What the gates say at this moment.
        var agents = await _site.MintAsync("memory-get", "fetch", "memory", "memory:notes", isAgents: true);
        Gates(scopes: "openrouter");
        await Refuses("memory", "get", agents, 403, "service_not_in_scope");
        Gates(revoked: true);
        await Refuses("memory", "get", agents, 403, "device_revoked");
        _site.Gates.Clear().Write();
        await Refuses("cred", "fetch", early, 403, "device_not_active", headers);

        // Another epoch ends the capability, and not what was stored under it.
        Gates();
        _site.Gates.Epoch = 8;
        _site.Gates.Write();
        await Refuses("cred", "fetch", early, 403, "k3_epoch_mismatch", headers);
        DataSite.TextOf(await _site.PostAsync("cred", "fetch", await _site.FetchCapAsync(), null, headers))
            .ShouldBe(Secret);
    }

    [Fact]
    public async Task Another_actors_capability_reaches_that_actors_prefix_alone_and_S3_agrees()
    {
        var (masters, agents) = (
            await _site.HeadersAsync("memory"), await _site.HeadersAsync("memory", _site.AgentsSession));
        var put = await _site.MintAsync("memory-put", "store", "memory", "memory:notes");
        (await _site.PostAsync("memory", "put", put, Secret, masters)).ShouldBeOk();

        // The agent's own capability names the agent: there is nothing under its prefix.
        var agentsGet = await _site.MintAsync(
            "memory-get", "fetch", "memory", "memory:notes", isAgents: true, bearer: _site.AgentsSession);
        await Refuses("memory", "get", agentsGet, 404, "s3_get", agents);

        // With the master's capability and the agent's credentials S3 itself says no, and the reverse.
        var get = await _site.MintAsync("memory-get", "fetch", "memory", "memory:notes");
        (await Refuses("memory", "get", get, 502, "s3_get", agents))["error"]!.ShouldContain("AccessDenied");
        (await Refuses("memory", "get", agentsGet, 502, "s3_get", masters))["error"]!.ShouldContain("AccessDenied");
        await Refuses("memory", "put", put, 502, "s3_put", agents, "overwritten");
        var teardown = await _site.MintAsync("memory-teardown", "teardown", "memory", "memory:notes");
        await Refuses("memory", "teardown", teardown, 502, "s3_list", agents);
        DataSite.TextOf(await _site.PostAsync("memory", "get", get, null, masters)).ShouldBe(Secret);

        // What is the master's alone.
        var agentsConfig = await _site.MintAsync("config-fetch", "fetch", "config", "openrouter", isAgents: true);
        await Refuses("config", "get", agentsConfig, 403, "config_not_master_self");
        await Refuses(
            "memory", "put", await _site.MintAsync("memory-put", "store", "memory", "notes"), 403,
            "service_not_in_scope", masters, Secret);
        var wish = await _site.Broker.PostAsync(
            "/v1/cap/memory-teardown",
            CapabilityBodies.Wish(_site.Master, _site.Agent, _site.AgentsDevice, "memory:notes")
                .ProvenBy(_site.AgentsDevice, _site.Broker.Clock.UnixSeconds, "teardown", "memory"),
            _site.AgentsSession);
        DataSite.ShouldRefuse(wish, 403, "operator_mismatch");
    }

    [Fact]
    public async Task The_callers_credentials_come_whole_or_not_at_all_and_are_told_to_nobody()
    {
        var headers = await _site.HeadersAsync("vault");
        var store = await _site.StoreCapAsync();
        for (var missing = 0; missing < 3; missing++)
        {
            var some = headers.Where((_, index) => index != missing).ToArray();
            var refused = await Refuses("cred", "store", store, 401, "sts_headers_incomplete", some, Secret);
            refused.Header("WWW-Authenticate").ShouldBe("X-Aws-Credentials");
            await Refuses("cred", "store", store, 401, "sts_headers_incomplete", [headers[missing]], Secret);
            var empty = headers.Select((one, index) => index == missing ? (one.Name, " ") : one).ToArray();
            await Refuses("cred", "store", store, 401, "sts_headers_incomplete", empty, Secret);
        }

        await Refuses("cred", "store", store, 401, "sts_headers_incomplete", [.. headers, headers[2]], Secret);

        // S3 does not take these: its code is told, and none of the three is.
        var wrong = headers.Select(
            one => one.Name.Contains("Secret", StringComparison.Ordinal) ? (one.Name, "NOTTHESECRET") : one).ToArray();
        var answer = await Refuses("cred", "store", store, 502, "s3_put", wrong, Secret);
        answer["error"]!.ShouldContain("SignatureDoesNotMatch");
        foreach (var (_, value) in wrong) answer.Text.ShouldNotContain(value);
        var rows = string.Concat(_site.Broker.MintLog().Select(row => $"{row}"));
        rows.ShouldContain("s3_put");
        rows.ShouldNotContain(headers[1].Value);
        rows.ShouldNotContain(headers[2].Value);
    }

    [Fact]
    public async Task A_changed_envelope_and_another_services_are_not_opened()
    {
        var headers = await _site.HeadersAsync("vault");
        (await _site.PostAsync("cred", "store", await _site.StoreCapAsync(), Secret, headers)).ShouldBeOk();
        var key = $"bots/{_site.Master}/credentials/openrouter.enc";
        var envelope = await ReadAsync("vault", key);
        var fetch = await _site.FetchCapAsync();

        byte[][] others = [[], [2], [.. envelope[..^1], (byte)(envelope[^1] ^ 1)], [1, .. envelope[1..]]];
        foreach (var changed in others)
        {
            await WriteAsync("vault", key, changed);
            await Refuses("cred", "fetch", fetch, 500, "envelope_decrypt", headers);
        }

        // Under another service's name it is not that service's.
        await WriteAsync("vault", $"bots/{_site.Master}/credentials/other.enc", envelope);
        await Refuses("cred", "fetch", await _site.FetchCapAsync("other"), 500, "envelope_decrypt", headers);
        await WriteAsync("vault", key, new byte[2_000_000]);
        await Refuses("cred", "fetch", fetch, 502, "s3_body", headers);
        _site.Broker.MintLog().ShouldNotContain(row => row.Kind == "data_fetch" && row.Outcome == "ok");
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_refused_in_the_same_shape()
    {
        var service = _site.At("cred");
        foreach (var body in (string?[])[null, "{", "[]", "{}", """{"cap":{}}""", """{"cap":5,"plaintext_b64":""}"""])
        {
            DataSite.ShouldRefuse(
                await _site.Broker.PostRawAsync($"{service}v1/cred/store", body), 400, "invalid_input");
        }

        var store = await _site.StoreCapAsync();
        foreach (var text in (string[])["=", "a", "sk-or", "Zm9v*"])
        {
            var body = new JsonObject { ["cap"] = store.DeepClone(), ["plaintext_b64"] = text };
            DataSite.ShouldRefuse(
                await _site.Broker.PostRawAsync($"{service}v1/cred/store", body.ToJsonString()), 400,
                "plaintext_b64_decode");
        }

        // Nothing of it answers on the broker's own port, and nothing of the broker's here.
        (await _site.Broker.PostAsync("/v1/cred/store")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
        (await _site.Broker.PostAsync($"{service}v1/memory/put")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
        (await _site.Broker.GetAsync($"{service}metrics")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Healthz_of_each_has_its_documented_form()
    {
        foreach (var (module, bucket) in ((string, string)[])
            [("cred", "vault"), ("memory", "memory"), ("config", "config")])
        {
            var health = (await _site.Broker.GetAsync($"{_site.At(module)}healthz")).ShouldBeOk();
            health.Json.EnumerateObject().Select(one => one.Name).ShouldBe(["ok", $"{bucket}_bucket", "version"]);
            health.Json.GetProperty("ok").GetBoolean().ShouldBeTrue();
            health[$"{bucket}_bucket"].ShouldBe(DataSite.BucketOf(bucket));
            health["version"]!.ShouldMatch(@"^\d+\.\d+\.\d+");
        }

        (await _site.Broker.GetAsync("/healthz")).Text.ShouldBe("ok");
    }

    [Fact]
    public async Task S3_that_fails_is_told_with_the_reason_of_the_call_and_the_counters_say_so()
    {
        var headers = await _site.HeadersAsync("vault");
        var (store, fetch) = (await _site.StoreCapAsync(), await _site.FetchCapAsync());
        _site.Site.Cloud.Faults.Inject(new Fault(CloudPart.S3, FaultKind.Error));
        var refused = await Refuses("cred", "store", store, 502, "s3_put", headers, Secret);

        // What was about to happen is on record, and that it did not.
        _site.Broker.RowsOf(refused).Select(row => (row.Kind, row.Outcome)).Order()
            .ShouldBe([("data_store", "backend_error"), ("data_store", "ok")]);
        await Refuses("cred", "fetch", fetch, 502, "s3_get", headers);
        await Refuses("cred", "teardown", await _site.TeardownCapAsync(), 502, "s3_list", headers);
        _site.Site.Cloud.Faults.Clear(CloudPart.S3);
        (await _site.PostAsync("cred", "store", store, Secret, headers)).ShouldBeOk();
        (await _site.Broker.MetricAsync("data_requests_total")).ShouldBe(1);
        (await _site.Broker.MetricAsync("data_requests_failed_total")).ShouldBe(3);
    }

    [Fact]
    public async Task More_than_a_page_of_keys_is_torn_down()
    {
        const int Many = 1203;
        var headers = await _site.HeadersAsync("memory");
        using (var s3 = S3(headers))
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Many), async (index, stop) => await s3.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = DataSite.BucketOf("memory"),
                    Key = $"bots/{_site.Master}/memory/memory:{index}.enc",
                    ContentBody = "x",
                }, stop));
        }

        // Another class and another actor's are not touched.
        await WriteAsync("memory", $"bots/{_site.Master}/memorys", [1]);
        var teardown = await _site.MintAsync("memory-teardown", "teardown", "memory", "memory:notes");
        (await _site.PostAsync("memory", "teardown", teardown, null, headers)).ShouldBeOk()
            .Number("keys_deleted").ShouldBe(Many);
        (await ReadAsync("memory", $"bots/{_site.Master}/memorys")).ShouldBe([1]);
        (await _site.PostAsync("memory", "teardown", teardown, null, headers)).ShouldBeOk()
            .Number("keys_deleted").ShouldBe(0);
    }

    private void Gates(string scopes = "memory:notes", bool revoked = false) => _site.Gates.Clear()
        .Device(_site.Device.KeyHash, _site.Master, _site.Master)
        .Device(_site.AgentsDevice.KeyHash, _site.Master, _site.Agent, revoked: revoked)
        .Scope(_site.Master, _site.Agent, scopes).Write();

    private async Task<Answer> Refuses(
        string module, string route, JsonNode capability, int status, string reason,
        (string, string)[]? headers = null, string? plaintext = null)
    {
        plaintext ??= route is "store" or "put" ? Secret : null;
        return DataSite.ShouldRefuse(
            await _site.PostAsync(module, route, capability, plaintext, headers ?? []), status, reason);
    }

    private Amazon.S3.AmazonS3Client S3((string Name, string Value)[] headers) => _site.Site.S3(
        new SessionAWSCredentials(headers[0].Value, headers[1].Value, headers[2].Value));

    private async Task<byte[]> ReadAsync(string role, string key)
    {
        using var s3 = S3(await _site.HeadersAsync(role));
        using var got = await s3.GetObjectAsync(
            new GetObjectRequest { BucketName = DataSite.BucketOf(role), Key = key });
        using var bytes = new MemoryStream();
        await got.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task WriteAsync(string role, string key, byte[] bytes)
    {
        using var s3 = S3(await _site.HeadersAsync(role));
        using var body = new MemoryStream(bytes);
        await s3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = DataSite.BucketOf(role),
            Key = key,
            InputStream = body,
        });
    }
}
