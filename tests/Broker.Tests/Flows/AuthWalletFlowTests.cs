using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>The acceptance list's <c>auth_wallet_flow</c>: sign-in with the message that the broker issues.</summary>
public sealed class AuthWalletFlowTests(SharedBroker shared) : IClassFixture<SharedBroker>, IDisposable
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Fact]
    public async Task Gives_a_session_token_for_the_signed_challenge()
    {
        var challenge = await _broker.ChallengeAsync(_wallet.Address);
        challenge["request_id"]!.ShouldMatch("^siwe-[0-9a-f]{32}$");
        challenge["nonce"]!.ShouldMatch("^[0-9a-f]{32}$");
        challenge.Number("expires_in_seconds").ShouldBe(2700);
        challenge["expires_at_iso"].ShouldBe("2026-05-04T12:45:00Z");

        var answer = (await _broker.PostAsync("/v1/auth/wallet/verify", new
        {
            request_id = challenge["request_id"],
            signature = _wallet.Sign(challenge["siwe_message"]!),
        })).ShouldBeOk();

        answer["session_jwt"]!.Split('.').Length.ShouldBe(3);
        answer["wallet_address"].ShouldBe(_wallet.Address);
        answer["omni_account"].ShouldBe(_wallet.Omni);
        answer["identity_type"].ShouldBe("evm");
        answer["identity_value"].ShouldBe(_wallet.Address);
        answer.Number("expires_at").ShouldBe(_broker.Clock.UnixSeconds + 18_000);
        var row = _broker.RowOf(answer);
        row.ShouldSatisfyAllConditions(
            () => row.Outcome.ShouldBe("ok"),
            () => row.Kind.ShouldBe("session_token"),
            () => row.RequestedRole.ShouldBe("session_jwt"),
            () => row.RecordId.ShouldBe(answer["audit_record_id"]));
    }

    [Fact]
    public async Task Refuses_a_challenge_used_twice()
    {
        var challenge = await _broker.ChallengeAsync(_wallet.Address);
        var proof = new { request_id = challenge["request_id"], signature = _wallet.Sign(challenge["siwe_message"]!) };
        (await _broker.PostAsync("/v1/auth/wallet/verify", proof)).ShouldBeOk();

        var replay = await _broker.PostAsync("/v1/auth/wallet/verify", proof);

        replay.ShouldRefuse(401, "unauthorized", "unknown_challenge").ShouldHoldNoCredential(_broker.Sts);
        _broker.RowOf(replay).Outcome.ShouldBe("auth_failed");
    }

    [Fact]
    public async Task Refuses_a_garbage_signature_and_burns_the_challenge()
    {
        var challenge = await _broker.ChallengeAsync(_wallet.Address);

        var garbage = await _broker.PostAsync(
            "/v1/auth/wallet/verify", new { request_id = challenge["request_id"], signature = "0xgarbage" });
        var honest = await _broker.PostAsync("/v1/auth/wallet/verify", new
        {
            request_id = challenge["request_id"],
            signature = _wallet.Sign(challenge["siwe_message"]!),
        });

        garbage.ShouldRefuse(400, "bad_request", "invalid_field");
        honest.ShouldRefuse(401, "unauthorized", "unknown_challenge");
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x1234")]
    [InlineData("abababababababababababababababababababab")]
    [InlineData("0xabababababababababababababababababababag")]
    [InlineData("0xAbabababababababababababababababababababab")]
    public async Task Refuses_a_malformed_address(string address)
    {
        var answer = await _broker.PostAsync("/v1/auth/wallet/start", new { address, chain_id = 1 });

        answer.ShouldRefuse(400, "bad_request", "invalid_field")["message"]
            .ShouldBe("bad request: address must be 0x and 40 hex digits");
    }
}
