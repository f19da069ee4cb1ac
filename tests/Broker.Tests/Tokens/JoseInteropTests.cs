using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Tokens;

/// <summary>
/// npm <c>jose</c> as the relying party: it reads the key set over HTTP and judges our tokens by its own rules.
/// </summary>
public sealed class JoseInteropTests(SharedBroker shared) : IClassFixture<SharedBroker>, IDisposable
{
    private static readonly (string Wrong, string Code)[] Refusals =
    [
        ("expired", "ERR_JWT_EXPIRED"),
        ("otherAudience", "ERR_JWT_CLAIM_VALIDATION_FAILED"),
        ("otherIssuer", "ERR_JWT_CLAIM_VALIDATION_FAILED"),
        ("tampered", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        ("sessionToken", "ERR_JWKS_NO_MATCHING_KEY"),
    ];

    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Fact]
    public async Task Jose_verifies_our_tokens_with_our_key_set_and_refuses_what_is_wrong_with_them()
    {
        var session = await _broker.SignInAsync(_wallet);
        var token = (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk()["jwt"]!;

        var verdict = await JudgeAsync(new
        {
            jwks = new Uri(_broker.Address, "/.well-known/jwks.json"),
            token,
            session,
            issuer = BrokerApp.Issuer,
            now = _broker.Clock.UnixSeconds,
        });

        verdict.GetProperty("verified").GetProperty("sub").GetString().ShouldBe($"agentkeys:agent:{_wallet.Address}");
        verdict.GetProperty("kid").GetString().ShouldBe(verdict.GetProperty("thumbprint").GetString());
        verdict.GetProperty("x5cMatches").GetBoolean().ShouldBeTrue();
        foreach (var (wrong, code) in Refusals)
            verdict.GetProperty("refused").GetProperty(wrong).GetString().ShouldBe(code, wrong);
    }

    [Theory]
    [InlineData("viem")]
    [InlineData("ethers")]
    public async Task Wallets_of_other_makers_sign_in(string maker)
    {
        var address = (await Npm.RunAsync("wallet.mjs", new { maker, message = "who am I" }))
            .GetProperty("address").GetString()!;
        var challenge = await _broker.ChallengeAsync(address);

        var signed = await Npm.RunAsync("wallet.mjs", new { maker, message = challenge["siwe_message"] });
        var answer = await _broker.PostAsync(
            "/v1/auth/wallet/verify",
            new { request_id = challenge["request_id"], signature = signed.GetProperty("signature").GetString() });

        answer.ShouldBeOk()["wallet_address"].ShouldBe(address.ToLowerInvariant());
    }

    [Fact]
    public async Task A_message_that_viem_writes_around_our_nonce_signs_in()
    {
        var address = (await Npm.RunAsync("wallet.mjs", new { maker = "viem", message = "who am I" }))
            .GetProperty("address").GetString()!;
        var challenge = await _broker.ChallengeAsync(address);

        var signed = await Npm.RunAsync("wallet.mjs", new
        {
            maker = "viem",
            siwe = new
            {
                domain = "broker.example.test",
                uri = BrokerApp.Issuer,
                chainId = 1,
                nonce = challenge["nonce"],
                issuedAt = _broker.Clock.Now.ToUnixTimeMilliseconds(),
                address,
            },
        });
        var answer = await _broker.PostAsync(
            "/v1/auth/wallet/verify",
            new
            {
                message = signed.GetProperty("message").GetString(),
                signature = signed.GetProperty("signature").GetString(),
            });

        answer.ShouldBeOk()["wallet_address"].ShouldBe(address.ToLowerInvariant());
    }

    private static Task<JsonElement> JudgeAsync(object question) => Npm.RunAsync("jose-judge.mjs", question);
}
