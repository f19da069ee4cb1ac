using System.Text.Json;
using Broker.SigningKeys;
using Broker.Tests.Boot;
using Broker.Tests.Hosting;
using Broker.Tests.OAuth;

namespace Broker.Tests.Tokens;

/// <summary>Tokens for relying parties beside AWS, some of which accept RS256 alone.</summary>
public sealed class AudienceTests : IAsyncLifetime
{
    private const string Entra = "api://AzureADTokenExchange";
    private const string Other = "https://relying.example.test/path=1";

    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync(
            ("BROKER_OIDC_RS256_KEYPAIR_PATH", WriteKey(_folder.File("rs256.json"))),
            ("BROKER_OIDC_AUDIENCES", $"{Entra}=RS256, {Other}=ES256"));
        _session = await _broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Entra, "RS256", 2)]
    [InlineData(Other, "ES256", 1)]
    public async Task Jose_accepts_a_token_for_its_audience_signed_as_that_one_needs_it(
        string audience, string algorithm, int keyAt)
    {
        var token = (await MintAsync(new { audience })).ShouldBeOk()["jwt"]!;

        var verdict = await Npm.RunAsync("jose-judge.mjs", new
        {
            jwks = $"{_broker.Address}.well-known/jwks.json",
            token,
            session = _session,
            issuer = BrokerApp.Issuer,
            now = _broker.Clock.UnixSeconds,
            audience,
            algorithm,
        });

        verdict.GetProperty("kid").GetString().ShouldBe(await KeyAsync(keyAt));
        verdict.GetProperty("kid").GetString().ShouldBe(verdict.GetProperty("thumbprint").GetString());
        verdict.GetProperty("x5cMatches").GetBoolean().ShouldBeTrue();
        verdict.GetProperty("refused").EnumerateObject().ShouldAllBe(one => one.Value.GetString() != "accepted");
        verdict.GetProperty("verified").GetProperty("sub").GetString().ShouldBe($"agentkeys:agent:{_wallet.Address}");
        verdict.GetProperty("verified").TryGetProperty("https://aws.amazon.com/tags", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Tokens_for_AWS_stay_ES256_and_a_token_for_others_names_its_audience_in_its_entry()
    {
        var aws = Jws.Read(await MintAsync(new { }), "jwt");
        var entra = Jws.Read(await MintAsync(new { audience = Entra }), "jwt");

        aws.Header.GetProperty("alg").GetString().ShouldBe("ES256");
        aws["aud"].ShouldBe("sts.amazonaws.com");
        entra["aud"].ShouldBe(Entra);
        var row = _broker.MintLog().Single(one => one.RecordId == entra["jti"]);
        row.Evidence.ShouldBe($$"""{"audience":"{{Entra}}"}""");
        row.StsSessionName.ShouldBe(entra.Header.GetProperty("kid").GetString());
    }

    [Fact]
    public async Task Token_exchange_serves_every_audience()
    {
        var answer = await ExchangeAsync(("audience", Entra));

        var token = Jws.Read(answer, "access_token");
        token.Header.GetProperty("alg").GetString().ShouldBe("RS256");
        token["aud"].ShouldBe(Entra);
        ((int)(await ExchangeAsync(("audience", Entra), ("mint_request", "{}"))).Status).ShouldBe(400);
        ((int)(await ExchangeAsync(("audience", "https://nobody.example.test"))).Status).ShouldBe(400);
    }

    [Fact]
    public async Task An_audience_that_nobody_named_is_refused_and_a_role_is_for_AWS_alone()
    {
        (await MintAsync(new { audience = "https://nobody.example.test" }))
            .ShouldRefuse(400, "bad_request", "unknown_audience");
        (await MintAsync(new { audience = "agentkeys:broker" })).ShouldRefuse(400, "bad_request", "unknown_audience");
        (await MintAsync(new { audience = Entra, role = "data" })).ShouldRefuse(400, "bad_request", "invalid_field");
    }

    [Fact]
    public async Task Discovery_names_both_algorithms()
    {
        var document = (await _broker.GetAsync("/.well-known/openid-configuration")).ShouldBeOk().Json;

        document.GetProperty("id_token_signing_alg_values_supported").EnumerateArray()
            .Select(one => one.GetString()).ShouldBe(["ES256", "RS256"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("api://AzureADTokenExchange=RS256", "BROKER_OIDC_RS256_KEYPAIR_PATH names no key file")]
    [InlineData("sts.amazonaws.com=RS256", "sts.amazonaws.com is not for this setting")]
    [InlineData("agentkeys:broker", "agentkeys:broker is not for this setting")]
    [InlineData("https://a.example=HS256", "must be ES256 or RS256")]
    [InlineData("a,a", "twice")]
    public async Task An_audience_that_cannot_be_served_stops_the_start(string audiences, string reason) =>
        (await BootFailure.OfStartAsync(BrokerModules.All, ("BROKER_OIDC_AUDIENCES", audiences))).ShouldContain(reason);

    [Fact]
    public async Task An_RSA_key_too_short_for_RS256_stops_the_start()
    {
        using var small = System.Security.Cryptography.RSA.Create(1024);
        new KeyFile("small", small.ExportPkcs8PrivateKeyPem(), KeyPurpose.OidcRs256).Write(_folder.File("small.json"));

        (await BootFailure.OfStartAsync(BrokerModules.All, ("BROKER_OIDC_RS256_KEYPAIR_PATH", _folder.File("small.json")))).ShouldContain("1024 bits");
    }

    private static string WriteKey(string path)
    {
        KeyGeneration.Create(KeyPurpose.OidcRs256, TimeProvider.System).Write(path);
        return path;
    }

    private Task<Answer> MintAsync(object body) => _broker.PostAsync("/v1/mint-oidc-jwt", body, _session);

    private Task<Answer> ExchangeAsync(params (string Name, string Value)[] more) => _broker.PostFormAsync(
        "/oauth/token",
        [
            ("grant_type", TestClient.TokenExchange), ("subject_token", _session),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), .. more,
        ]);

    private async Task<string> KeyAsync(int number)
    {
        JsonElement keys = (await _broker.GetAsync("/.well-known/jwks.json")).ShouldBeOk().Json.GetProperty("keys");
        return keys[number - 1].GetProperty("kid").GetString()!;
    }
}
