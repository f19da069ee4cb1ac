using System.Net;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Signer;

/// <summary>
/// The signer on its own port: derived wallets that other people's libraries verify, for the holder of a session alone,
/// each signature on record before it leaves.
/// </summary>
public sealed class SignerTests(SignerTests.Site site) : IClassFixture<SignerTests.Site>, IAsyncLifetime
{
    private const string Master = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private readonly Wallet _wallet = new(), _stranger = new();
    private readonly BrokerApp _broker = site.Broker;
    private string _bearer = "";

    public async Task InitializeAsync() => _bearer = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        _stranger.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Ethers_viem_and_metamask_derive_the_same_wallet_and_verify_every_signature()
    {
        const int Samples = 60;
        string[] messages = ["", "hello", "ключ 🗝", new('x', 4000)];

        var verdict = await Npm.RunAsync("signer-judge.mjs", new
        {
            signer = _broker.Listener(1).GetLeftPart(UriPartial.Authority),
            bearer = _bearer,
            omni = _wallet.Omni,
            master = Master,
            messages,
            samples = Samples,
            seed = 20261127,
        });

        verdict.GetProperty("wrong").ToString().ShouldBe("[]");
        verdict.GetProperty("compared").GetProperty("samples").GetInt32().ShouldBe(Samples);

        // Each signature has its entry, with what was signed.
        var entries = Entries();
        entries.Count.ShouldBe((2 * messages.Length) + Samples + 4);
        entries.ShouldAllBe(row => row.Outcome == "ok");
    }

    [Fact]
    public async Task The_mail_of_EIP_712_has_the_digest_of_its_specification()
    {
        var signed = (await SendAsync("sign-typed-data", new { omni_account = _wallet.Omni, typed_data = Mail() }))
            .ShouldBeOk();

        // https://eips.ethereum.org/assets/eip-712/Example.js
        signed["digest"].ShouldBe("0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
        signed["domain_separator"].ShouldBe("0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
        signed["primary_type_hash"].ShouldBe("0xa0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2");
        signed.Number("key_version").ShouldBe(1);
    }

    [Fact]
    public async Task Only_the_holder_of_the_session_is_served()
    {
        var other = await _broker.SignInAsync(_stranger);
        foreach (var (route, more) in Routes())
        {
            var own = JsonSerializer.Serialize(Body(_wallet.Omni, more));
            (await RawAsync(route, own, null)).ShouldRefuse(HttpStatusCode.Unauthorized, "missing_bearer");
            (await RawAsync(route, own, "not a token")).Status.ShouldBe(HttpStatusCode.Unauthorized);
            (await RawAsync(route, own, other)).ShouldRefuse(HttpStatusCode.Unauthorized, "omni_account_of_another");
            foreach (var omni in (object?[])[null, 5, "", _wallet.Omni.ToUpperInvariant(), $"0x{_wallet.Omni}", "ab"])
            {
                var refused = await RawAsync(route, JsonSerializer.Serialize(Body(omni, more)), other);
                refused.ShouldRefuse(HttpStatusCode.BadRequest, "invalid_omni_account");
                refused["error"].ShouldBe("invalid_omni_account");
            }

            (await RawAsync(route, JsonSerializer.Serialize(more), _bearer))
                .ShouldRefuse(HttpStatusCode.BadRequest, "invalid_omni_account");
        }

        // A session that was exchanged for another one signs nothing: a signature would outlive it.
        var narrowed = (await _broker.PostFormAsync(
            "/oauth/token", ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", _bearer), ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"))).ShouldBeOk()["access_token"];
        foreach (var (route, more) in Routes())
        {
            (await RawAsync(route, JsonSerializer.Serialize(Body(_wallet.Omni, more)), narrowed))
                .ShouldRefuse(HttpStatusCode.Forbidden, "signer_not_for_programs");
        }

        Entries().ShouldNotContain(row => row.Outcome == "ok");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"\"")]
    [InlineData("\"68656c6c6f\"")]
    [InlineData("\"0x123\"")]
    [InlineData("\"0xzz\"")]
    [InlineData("\"0X12\"")]
    public async Task A_message_that_is_no_hex_is_refused(string message)
    {
        var body = $$"""{"omni_account":"{{_wallet.Omni}}","message_hex":{{message}}}""";
        (await RawAsync("sign-message", body, _bearer))
            .ShouldRefuse(HttpStatusCode.BadRequest, "invalid_message_hex");
    }

    [Theory]
    [InlineData("""{"contents":5}""")]
    [InlineData("""{"contents":null}""")]
    [InlineData("""{"from":null,"to":5}""")]
    [InlineData("""{"from":{"name":"Cow"}}""")]
    [InlineData("""{"to":{"name":"Bob","wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBb"}}""")]
    [InlineData("""{"to":{"name":"Bob","wallet":"0xBbBBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"}}""")]
    [InlineData(null, """{"chainId":-1}""")]
    [InlineData(null, """{"chainId":1.5}""")]
    [InlineData(null, """{"chainId":"1e3"}""")]
    [InlineData(null, """{"chainId":"0x"}""")]
    [InlineData(null, """{"chainId":"0x10000000000000000000000000000000000000000000000000000000000000000"}""")]
    [InlineData(null, """{"chainId":true}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"strin g"},{"name":"wallet","type":"address"}]}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"Nobody"}]}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"uint7"}]}""")]
    [InlineData(null, null, """{"Z$":[],"Person":[{"name":"name","type":"Z$"}]}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"uint264"}]}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"bytes33"}]}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"string[0]"}]}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"string[]]"}]}""")]
    [InlineData(null, null, """{"Person":[{"name":"name","type":"string"},{"name":"name","type":"string"}]}""")]
    [InlineData(null, null, """{"uint256":[{"name":"name","type":"string"}]}""")]
    [InlineData(null, null, """{"Person":{}}""")]
    public async Task Typed_data_that_is_none_is_refused(string? message, string? domain = null, string? types = null)
    {
        var data = JsonSerializer.SerializeToNode(Mail())!.AsObject();
        foreach (var (part, change) in ((string, string?)[])[("message", message), ("domain", domain), ("types", types)])
        {
            if (change is null) continue;
            foreach (var member in JsonDocument.Parse(change).RootElement.EnumerateObject())
                data[part]![member.Name] = System.Text.Json.Nodes.JsonNode.Parse(member.Value.GetRawText());
        }

        await RefusedAsync(data.ToJsonString());
    }

    [Theory]
    [InlineData("types")]
    [InlineData("primaryType")]
    [InlineData("domain")]
    [InlineData("message")]
    public async Task Typed_data_without_a_part_is_refused(string part)
    {
        var data = JsonSerializer.SerializeToNode(Mail())!.AsObject();
        data.Remove(part);
        await RefusedAsync(data.ToJsonString());
        data[part] = 7;
        await RefusedAsync(data.ToJsonString());
    }

    [Theory]
    [InlineData("bytes4", "\"0x1234\"")]
    [InlineData("bytes4", "\"0x1234567890\"")]
    [InlineData("bytes", "\"0x1\"")]
    [InlineData("uint8", "256")]
    [InlineData("int8", "128")]
    [InlineData("int8", "-129")]
    [InlineData("bool", "1")]
    [InlineData("bool", "\"true\"")]
    [InlineData("uint8[2]", "[1]")]
    [InlineData("uint8[]", "5")]
    [InlineData("uint8[]", "[null]")]
    public async Task A_value_out_of_its_type_is_refused(string type, string value) => await RefusedAsync($$$"""
        {"types":{"T":[{"name":"v","type":"{{{type}}}"}]},"primaryType":"T","domain":{"name":"x"},
         "message":{"v":{{{value}}}}}
        """);

    [Fact]
    public async Task Each_port_answers_its_own_paths_alone()
    {
        var own = JsonSerializer.Serialize(new { omni_account = _wallet.Omni });
        (await _broker.PostRawAsync("/dev/derive-address", own, _bearer)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _broker.GetAsync($"{_broker.Listener(1)}healthz")).ShouldBeOk().Text.ShouldBe("ok");
        foreach (var path in (string[])["readyz", "metrics", ".well-known/jwks.json", "v1/mint-oidc-jwt", "", "dev"])
            (await _broker.GetAsync($"{_broker.Listener(1)}{path}")).Status.ShouldBe(HttpStatusCode.NotFound, path);
        (await _broker.GetAsync($"{_broker.Listener(1)}dev/sign-message"))
            .ShouldRefuse(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        (await _broker.GetAsync($"{_broker.Listener(1)}dev/attestation"))
            .ShouldRefuse(HttpStatusCode.NotFound, "attestation_unavailable");
    }

    [Fact]
    public async Task Without_a_master_secret_the_service_is_up_and_signs_nothing()
    {
        await using var disabled = await StartAsync(("DEV_KEY_SERVICE_MASTER_SECRET", ""));

        (await disabled.GetAsync($"{disabled.Listener(1)}healthz")).ShouldBeOk();
        foreach (var (route, more) in Routes())
        {
            var refused = await disabled.PostAsync($"{disabled.Listener(1)}dev/{route}", Body(_wallet.Omni, more));
            refused.ShouldRefuse(HttpStatusCode.ServiceUnavailable, "signer_disabled");
            refused["error"].ShouldBe("signer_disabled");
        }

        (await disabled.GetAsync("/readyz")).Text.ShouldContain("DEV_KEY_SERVICE_MASTER_SECRET is not set");
    }

    private static Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings) => BrokerApp.StartAsync(
        [("BROKER_MODULES", "broker,signer"), ("BROKER_SIGNER_PORT", "0"), .. settings]);

    private static (string Route, Dictionary<string, object?> More)[] Routes() =>
    [
        ("derive-address", []),
        ("sign-message", new() { ["message_hex"] = "0x68656c6c6f" }),
        ("sign-typed-data", new() { ["typed_data"] = Mail() }),
    ];

    private static Dictionary<string, object?> Body(object? omni, Dictionary<string, object?> more) =>
        new(more) { ["omni_account"] = omni };

    /// <summary>The example of EIP-712.</summary>
    private static object Mail() => new
    {
        types = new
        {
            EIP712Domain = new[]
            {
                new { name = "name", type = "string" }, new { name = "version", type = "string" },
                new { name = "chainId", type = "uint256" }, new { name = "verifyingContract", type = "address" },
            },
            Person = new[] { new { name = "name", type = "string" }, new { name = "wallet", type = "address" } },
            Mail = new[]
            {
                new { name = "from", type = "Person" }, new { name = "to", type = "Person" },
                new { name = "contents", type = "string" },
            },
        },
        primaryType = "Mail",
        domain = new
        {
            name = "Ether Mail",
            version = "1",
            chainId = 1,
            verifyingContract = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
        },
        message = new
        {
            from = new { name = "Cow", wallet = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" },
            to = new { name = "Bob", wallet = "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" },
            contents = "Hello, Bob!",
        },
    };

    private List<MintLogRow> Entries() => [.. _broker.MintLog()
        .Where(row => row.Kind == "wallet_signature" && row.ActorOmni == _wallet.Omni)];

    private async Task RefusedAsync(string typedData)
    {
        var refused = await RawAsync(
            "sign-typed-data", $$"""{"omni_account":"{{_wallet.Omni}}","typed_data":{{typedData}} }""", _bearer);
        refused.ShouldRefuse(HttpStatusCode.BadRequest, "invalid_typed_data");
        refused["error"].ShouldBe("invalid_typed_data");
    }

    private Task<Answer> SendAsync(string route, object body) => RawAsync(route, JsonSerializer.Serialize(body), _bearer);

    private Task<Answer> RawAsync(string route, string body, string? bearer) =>
        _broker.PostRawAsync($"{_broker.Listener(1)}dev/{route}", body, bearer);

    /// <summary>One broker for all of these tests; each has wallets of its own.</summary>
    public sealed class Site : IAsyncLifetime
    {
        public BrokerApp Broker { get; private set; } = null!;

        public async Task InitializeAsync() =>
            Broker = await StartAsync(("DEV_KEY_SERVICE_MASTER_SECRET", Master));

        public async Task DisposeAsync() => await Broker.DisposeAsync();
    }
}
