using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.DataClasses;

/// <summary>
/// A process that has data-class services and no broker: no issuer, no keys that sign tokens; it takes what a broker
/// elsewhere has minted, by that broker's public session key.
/// </summary>
public sealed class ServicesAloneTests : IAsyncLifetime
{
    private const string Secret = "sk-or-v1-0123456789";

    private readonly TemporaryFolder _folder = new();
    private DataSite _site = null!;

    public async Task InitializeAsync() => _site = await DataSite.StartAsync(("BROKER_MODULES", "broker"));

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_takes_a_brokers_capabilities_and_keeps_a_ledger_of_its_own()
    {
        await using var alone = await StartAsync(("BROKER_MODULES", "cred,memory"));
        alone.Clock.AdjustTime(_site.Broker.Clock.Now);
        var headers = await _site.HeadersAsync("vault");
        var cred = alone.Listener(1);
        alone.RoutePatterns.ShouldNotContain(route => route.Pattern.StartsWith("/v1/cap/", StringComparison.Ordinal)
            || route.Pattern.StartsWith("/v1/mint", StringComparison.Ordinal)
            || route.Pattern.StartsWith("/v1/config/", StringComparison.Ordinal));

        var stored = (await _site.PostAtAsync(
            cred, "v1/cred/store", await _site.StoreCapAsync(), Secret, headers)).ShouldBeOk();
        var fetched = await _site.PostAtAsync(
            cred, "v1/cred/fetch", await _site.FetchCapAsync(), null, headers);

        DataSite.TextOf(fetched).ShouldBe(Secret);
        alone.RowOf(stored).Kind.ShouldBe("data_store");
        alone.RowOf(fetched).RecordId.ShouldBe(fetched["audit_record_id"]);
        _site.Broker.MintLog().ShouldNotContain(row => row.Kind.StartsWith("data_", StringComparison.Ordinal));
        File.Exists(Path.Combine(alone.DataFolder, "oidc-keypair.json")).ShouldBeFalse();
        File.Exists(Path.Combine(alone.DataFolder, "session-keypair.json")).ShouldBeFalse();
        (await alone.GetAsync($"{cred}healthz")).ShouldBeOk()["vault_bucket"].ShouldBe(DataSite.BucketOf("vault"));
        (await alone.GetAsync("/readyz")).ShouldBeOk();
        (await alone.GetAsync("/metrics")).Text.ShouldContain("agentkeys_broker_data_requests_total 2");

        // Another broker's capabilities are strangers here, and so are those of a key that nobody knows.
        await using var other = await StartAsync(
            ("BROKER_MODULES", "cred"), ("BROKER_SESSION_PUBKEY_PATH", WriteStrangersKey()));
        other.Clock.AdjustTime(_site.Broker.Clock.Now);
        DataSite.ShouldRefuse(
            await _site.PostAtAsync(
                other.Listener(1), "v1/cred/fetch", await _site.FetchCapAsync(), null, headers),
            403, "broker_sig_invalid");
    }

    [Fact]
    public async Task Where_it_is_demanded_the_callers_own_credentials_and_the_devices_proof_must_come()
    {
        await using var alone = await StartAsync(
            ("BROKER_MODULES", "cred"), ("AGENTKEYS_WORKER_REQUIRE_STS", "1"),
            ("AGENTKEYS_WORKER_REQUIRE_CAP_POP", "1"));
        alone.Clock.AdjustTime(_site.Broker.Clock.Now);
        var headers = await _site.HeadersAsync("vault");
        var store = await _site.MintAsync("cred-store", "store", "credentials", "openrouter", seconds: 1800);

        DataSite.ShouldRefuse(await StoreAsync(alone, store), 401, "sts_headers_required");
        foreach (var member in (string[])["client_sig", "client_nonce", "client_ts"])
        {
            var unproven = store.DeepClone().AsObject();
            unproven.Remove(member);
            DataSite.ShouldRefuse(await StoreAsync(alone, unproven, headers), 403, "cap_pop_invalid");
        }

        var another = store.DeepClone();
        another["client_nonce"] = "another";
        DataSite.ShouldRefuse(await StoreAsync(alone, another, headers), 403, "cap_pop_invalid");
        (await StoreAsync(alone, store, headers)).ShouldBeOk();

        // The proof is good for five minutes, whatever the capability is.
        alone.Clock.Advance(TimeSpan.FromSeconds(301));
        DataSite.ShouldRefuse(await StoreAsync(alone, store, headers), 403, "cap_pop_invalid");
    }

    [Fact]
    public async Task Without_gates_or_with_too_many_requests_nothing_is_taken()
    {
        await using var gateless = await StartAsync(
            ("BROKER_MODULES", "cred"), ("BROKER_CAPABILITY_GATES", ""), ("BROKER_CAPABILITY_STATIC_PATH", ""));
        gateless.Clock.AdjustTime(_site.Broker.Clock.Now);
        DataSite.ShouldRefuse(
            await StoreAsync(gateless, await _site.StoreCapAsync()), 503, "capability_gates_missing");

        await using var busy = await StartAsync(
            ("BROKER_MODULES", "cred"), ("BROKER_RATE_LIMIT_DATA_PER_MINUTE_PER_OMNI", "2"));
        busy.Clock.AdjustTime(_site.Broker.Clock.Now);
        var (store, headers) = (await _site.StoreCapAsync(), await _site.HeadersAsync("vault"));
        for (var time = 0; time < 2; time++) (await StoreAsync(busy, store, headers)).ShouldBeOk();
        DataSite.ShouldRefuse(await StoreAsync(busy, store, headers), 429, "data_rate_limited")
            .Header("Retry-After").ShouldNotBeNull();
    }

    [Fact]
    public async Task The_start_says_what_it_lacks()
    {
        var key = _site.WriteSessionPublicKey();
        await FailsAsync("BROKER_SESSION_PUBKEY_PATH", "missing required variable", ("BROKER_SESSION_PUBKEY_PATH", ""));
        await FailsAsync("BROKER_SESSION_PUBKEY_PATH", "no such file", ("BROKER_SESSION_PUBKEY_PATH", key + "x"));
        await FailsAsync(
            "BROKER_SESSION_PUBKEY_PATH", "no P-256 public key",
            ("BROKER_SESSION_PUBKEY_PATH", _site.Gates.Path));
        await FailsAsync("AGENTKEYS_WORKER_KEK_HEX", "missing required variable", ("AGENTKEYS_WORKER_KEK_HEX", ""));
        await FailsAsync("BROKER_VAULT_BUCKET", "missing required variable", ("BROKER_VAULT_BUCKET", ""));
        await FailsAsync("BROKER_DATA_KEK", "needs BROKER_SIGNING_KEYS=kms", ("BROKER_DATA_KEK", "kms"));
        await FailsAsync("BROKER_MODULES", "runs beside the broker", ("BROKER_MODULES", "cred,email"));
        await FailsAsync(
            "BROKER_MEMORY_PORT", "is the port of BROKER_CRED_PORT too", ("BROKER_MODULES", "cred,memory"),
            ("BROKER_CRED_PORT", "9994"), ("BROKER_MEMORY_PORT", "9994"));
    }

    private static Task<Answer> StoreAsync(
        BrokerApp alone, JsonNode capability, params (string Name, string Value)[] headers)
    {
        var body = new JsonObject
        {
            ["cap"] = capability.DeepClone(),
            ["plaintext_b64"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Secret)),
        };
        return alone.PostRawAsync($"{alone.Listener(1)}v1/cred/store", body.ToJsonString(), null, headers);
    }

    private async Task FailsAsync(string variable, string reason, params (string Name, string Value)[] settings)
    {
        var failed = await Should.ThrowAsync<Broker.Foundation.Settings.BootFailException>(
            () => StartAsync([("BROKER_MODULES", "cred"), .. settings]));
        failed.Line.ShouldContain(variable);
        failed.Line.ShouldContain(reason);
    }

    /// <summary>Nothing of the broker's own settings: no issuer, no role.</summary>
    private Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings) => BrokerApp.StartWithAsync(
        BrokerModules.WithoutBroker,
        [
            .. DataSite.SettingsOf(_site.Gates), ("BROKER_SESSION_PUBKEY_PATH", _site.WriteSessionPublicKey()),
            ("AWS_ENDPOINT_URL_S3", _site.Site.Cloud.BaseAddress.ToString()), ("BROKER_OIDC_ISSUER", ""),
            ("BROKER_DATA_ROLE_ARN", ""), ("BROKER_VAULT_ROLE_ARN", ""), .. settings,
        ]);

    private string WriteStrangersKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = _folder.File("stranger.pem");
        File.WriteAllText(path, key.ExportSubjectPublicKeyInfoPem());
        return path;
    }
}
