using System.Security.Cryptography;
using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>
/// The acceptance list's <c>mint_v2_flow</c>: AWS credentials for a request that the wallet itself signed.
/// </summary>
public sealed class MintV2FlowTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new(), _other = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync(("BROKER_REQUIRE_SIGNED_MINT", "true"));
        _session = await _broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _wallet.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Gives_credentials_and_the_id_of_their_record()
    {
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);

        var answer = (await _broker.PostAsync("/v1/mint-aws-creds", body, _session)).ShouldBeOk();

        answer["anchored"].ShouldBe("""["sqlite"]""");
        var row = _broker.RowOf(answer);
        row.RecordId.ShouldBe(answer["audit_record_id"]);
        row.RequestHash.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(SignedMintBody.Canonical(body))));
    }

    [Fact]
    public async Task Refuses_a_signature_of_another_wallet_than_the_body_says()
    {
        var body = SignedMintBody.SignedBy(_other, SignedMintBody.Unsigned(_wallet.Address, _broker.Clock.Now));

        var answer = await _broker.PostAsync("/v1/mint-aws-creds", body, _session);

        answer.ShouldRefuse(401, "unauthorized", "signature_mismatch");
        _broker.RowOf(answer).Outcome.ShouldBe("auth_failed");
    }

    [Fact]
    public async Task Refuses_a_request_without_a_body()
    {
        var answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session);

        answer.ShouldRefuse(400, "bad_request", "signature_required");
    }

    [Fact]
    public async Task Refuses_a_body_signed_by_a_wallet_that_is_not_the_sessions()
    {
        var answer =
            await _broker.PostAsync("/v1/mint-aws-creds", SignedMintBody.Signed(_other, _broker.Clock.Now), _session);

        answer.ShouldRefuse(401, "unauthorized", "signed_by_another_wallet");
        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0x00")]
    [InlineData("not hex at all")]
    [InlineData("")]
    public async Task Refuses_a_garbage_signature(string garbage)
    {
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);
        body["auth"]!["signature"] = garbage;

        (await _broker.PostAsync("/v1/mint-aws-creds", body, _session))
            .ShouldRefuse(400, "bad_request", "invalid_field");
    }
}
