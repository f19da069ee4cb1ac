using System.Security.Cryptography;
using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>
/// The acceptance list's <c>invariant_load_bearing</c>: what the house stands on, counted at STS and in the ledger.
/// </summary>
public sealed class LoadBearingInvariantTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new(), _other = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync();
        _session = await _broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _wallet.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task One_mint_is_one_call_to_sts_and_one_row()
    {
        var answer =
            (await _broker.PostAsync("/v1/mint-aws-creds", SignedMintBody.Signed(_wallet, _broker.Clock.Now), _session))
                .ShouldBeOk();

        _broker.Sts.Calls.Count.ShouldBe(1);
        _broker.RowOf(answer).Outcome.ShouldBe("ok");
    }

    [Fact]
    public async Task A_body_changed_after_signing_never_reaches_sts()
    {
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);
        body["intent"]!["service"] = "sqs";

        (await _broker.PostAsync("/v1/mint-aws-creds", body, _session))
            .ShouldRefuse(401, "unauthorized", "signature_mismatch");

        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_of_another_wallet_never_reaches_sts()
    {
        (await _broker.PostAsync("/v1/mint-aws-creds", SignedMintBody.Signed(_other, _broker.Clock.Now), _session))
            .ShouldRefuse(401, "unauthorized", "signed_by_another_wallet");

        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_forged_session_token_never_reaches_sts()
    {
        using var forger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parts = _session.Split('.');
        var forged = Jws.Sign(Jws.Decode(parts[0]), Jws.Decode(parts[1]), forger);

        var answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: forged);

        answer.ShouldRefuse(401, "unauthorized", "invalid_bearer");
        _broker.RowOf(answer).Outcome.ShouldBe("auth_failed");
        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_ledger_that_cannot_write_lets_nothing_out()
    {
        Answer answer;
        using (DatabaseLock.Hold(_broker.LedgerFile))
            answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session);

        answer.ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(_broker.Sts);
        answer["message"].ShouldBe("audit error: the ledger could not be written; refusing to release credentials");
        _broker.Sts.Secrets.ShouldNotBeEmpty("STS had given credentials by then");
        _broker.RowsOf(answer).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_answer_names_the_anchors_that_hold_its_record_and_there_is_one()
    {
        var answer = (await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session)).ShouldBeOk();

        answer["anchored"].ShouldBe("""["sqlite"]""");
        _broker.RowOf(answer).RecordId.ShouldBe(answer["audit_record_id"]);
    }

    [Fact]
    public async Task Every_credential_that_left_is_on_record_and_none_is_there_twice()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40)
                .Select(n =>
                    _broker.PostAsync(n % 2 == 0 ? "/v1/mint-aws-creds" : "/v1/mint-oidc-jwt", bearer: _session)));

        var granted = _broker.MintLog().Where(row => row.Outcome == "ok" && row.Kind != "session_token")
            .Select(row => row.RecordId);
        granted.Order().ShouldBe(answers.Select(answer => answer.ShouldBeOk()["audit_record_id"]!).Order());
        _broker.Sts.Calls.Count.ShouldBe(20);
    }
}
