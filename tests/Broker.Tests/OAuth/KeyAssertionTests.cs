using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Cryptography;
using Broker.Tests.Agents;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>The grant jwt-bearer with a JWT that a wallet's or a device's key has signed (RFC 7523).</summary>
public sealed class KeyAssertionTests : IAsyncLifetime
{
    private const string Key = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

    private readonly Wallet _wallet = new(Key), _master = new();
    private readonly Device _device = new(Key), _other = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync();
        _session = await _broker.SignInAsync(_master);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        foreach (var one in (IDisposable[])[_wallet, _master, _device, _other]) one.Dispose();
    }

    [Fact]
    public async Task A_wallets_assertion_by_ethers_gets_the_session_of_a_sign_in_once()
    {
        var signedIn = Jws.Parse(await _broker.SignInAsync(_wallet));
        var signed = await Npm.RunAsync("assertion.mjs", new { privateKey = $"0x{Key}", claims = Claims() });
        var assertion = signed.GetProperty("assertion").GetString()!;

        var answer = (await PresentAsync(assertion)).ShouldBeOk();

        var session = Jws.Read(answer, "access_token");
        session["sub"].ShouldBe(signedIn["sub"]);
        session.Claims.GetProperty("agentkeys").ToString().ShouldBe(signedIn.Claims.GetProperty("agentkeys").ToString());
        _broker.RowOf(answer).OutcomeDetail.ShouldBe("key_assertion");
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: answer["access_token"])).ShouldBeOk();
        (await PresentAsync(assertion)).ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_replayed");
    }

    [Fact]
    public async Task A_bound_devices_assertion_gets_its_agents_session_while_the_path_is_active()
    {
        var asked = (await _broker.RequestPairingAsync(_device)).ShouldBeOk();
        (await _broker.ClaimAsync(asked["pairing_code"], _session)).ShouldBeOk();
        var agent = Jws.Parse((await _broker.PollAsync(asked["request_id"], _device)).ShouldBeOk()["session_jwt"]!);
        var omni = agent.Claims.GetProperty("agentkeys").GetProperty("omni_account").GetString();

        // Not before its master has bound it.
        (await PresentAsync(Sign(Claims(sub: omni)))).ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_not_of_agent");
        (await _broker.DecideAsync("ack", asked["request_id"], _session)).ShouldBeOk();
        var answer = (await PresentAsync(Sign(Claims(sub: omni)))).ShouldBeOk();
        Jws.Read(answer, "access_token").Claims.GetProperty("agentkeys").ToString()
            .ShouldBe(agent.Claims.GetProperty("agentkeys").ToString());

        var path = new { derivation_path = "//agent-a" };
        (await _broker.PostAsync("/v1/grant/path-policies/suspend", path, _session)).ShouldBeOk();
        (await PresentAsync(Sign(Claims(sub: omni)))).Status.ShouldNotBe(System.Net.HttpStatusCode.OK);
        (await _broker.PostAsync("/v1/grant/path-policies/resume", path, _session)).ShouldBeOk();
        (await PresentAsync(Sign(Claims(sub: omni)))).ShouldBeOk();

        // The label on another device: the first one is no longer the agent.
        await _broker.PairAsync(_other, _session);
        (await PresentAsync(Sign(Claims(sub: omni)))).ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_not_of_agent");
    }

    [Theory]
    [InlineData("iss", "0x0000000000000000000000000000000000000001")]
    [InlineData("iss", "somebody")]
    [InlineData("iss", null)]
    [InlineData("sub", "0x0000000000000000000000000000000000000001")]
    [InlineData("sub", null)]
    [InlineData("aud", "https://elsewhere.example.test")]
    [InlineData("aud", null)]
    [InlineData("jti", null)]
    [InlineData("exp", null)]
    [InlineData("exp", "tomorrow")]
    public async Task A_claim_that_is_wrong_or_missing_is_refused(string claim, string? value)
    {
        var claims = Claims();
        claims.Remove(claim);
        if (value is not null) claims[claim] = value;

        (await PresentAsync(Sign(claims))).ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_invalid");
    }

    [Theory]
    [InlineData("exp", -3600)]
    [InlineData("exp", 3600)]
    [InlineData("nbf", 3600)]
    [InlineData("iat", 3600)]
    public async Task A_time_that_is_over_or_too_far_is_refused(string claim, int seconds)
    {
        var claims = Claims();
        claims[claim] = _broker.Clock.Now.ToUnixTimeSeconds() + seconds;

        (await PresentAsync(Sign(claims))).ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_invalid");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES256")]
    public async Task Another_algorithm_is_refused(string algorithm) =>
        (await PresentAsync(Sign(Claims(), algorithm)))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_invalid");

    [Fact]
    public async Task Somebody_elses_signature_is_refused()
    {
        using var stranger = Secp256k1PrivateKey.Generate();
        (await PresentAsync(Sign(Claims(), key: stranger)))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_invalid");
        (await PresentAsync($"{Sign(Claims())[..^4]}AAAA"))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "assertion_invalid");
    }

    private Task<Answer> PresentAsync(string assertion) => _broker.PostFormAsync(
        "/oauth/token", ("grant_type", TestClient.WalletGrant), ("assertion", assertion));

    private JsonObject Claims(string? sub = null) => new()
    {
        ["iss"] = _wallet.Address,
        ["sub"] = sub ?? _wallet.Address,
        ["aud"] = BrokerApp.Issuer,
        ["iat"] = _broker.Clock.Now.ToUnixTimeSeconds(),
        ["exp"] = _broker.Clock.Now.ToUnixTimeSeconds() + 60,
        ["jti"] = Guid.NewGuid().ToString(),
    };

    private static string Sign(JsonObject claims, string algorithm = "ES256K", Secp256k1PrivateKey? key = null)
    {
        var input = $"{Part(new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" })}.{Part(claims)}";
        Secp256k1PrivateKey.TryFromBytes(Convert.FromHexString(Key), out var own).ShouldBeTrue();
        using (own)
        {
            var signature = (key ?? own).SignRecoverable(SHA256.HashData(Encoding.ASCII.GetBytes(input)));
            return $"{input}.{Base64Url.EncodeToString(signature.AsSpan(0, 64))}";
        }
    }

    private static string Part(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
