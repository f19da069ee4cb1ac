using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>The acceptance list's last invariant: two anchors, and what each of them decides.</summary>
public sealed class TwoAnchorsTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new();
    private ObjectLockPeer _bucket = null!;
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _bucket = new ObjectLockPeer();
        _broker = await BrokerApp.StartAsync(
            ("BROKER_AUDIT_ANCHORS", "sqlite,s3"), ("BROKER_AUDIT_S3_BUCKET", "audit"),
            ("AWS_ENDPOINT_URL_S3", _bucket.Url),
            ("BROKER_LEDGER_TIMEOUT_SECONDS", "3"), ("BROKER_STS_MODE", "web_identity"),
            ("DAEMON_ACCESS_KEY_ID", "AKIADAEMON"), ("DAEMON_SECRET_ACCESS_KEY", "daemon-secret"));
        _session = await _broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _bucket.Dispose();
        _wallet.Dispose();
    }

    [Fact]
    public async Task A_credential_leaves_when_both_hold_its_record()
    {
        var before = _bucket.Puts;

        var answer = (await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session)).ShouldBeOk();

        answer["anchored"].ShouldBe("""["sqlite","s3"]""");
        _bucket.Puts.ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task When_the_first_fails_the_second_is_not_called()
    {
        var before = _bucket.Puts;

        Answer answer;
        using (DatabaseLock.Hold(_broker.LedgerFile))
            answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session);

        answer.ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(_broker.Sts);
        _bucket.Puts.ShouldBe(before);
    }

    [Fact]
    public async Task When_the_second_fails_nothing_leaves_although_the_first_holds_the_record()
    {
        _bucket.IsBroken = true;

        var answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session);

        answer.ShouldRefuse(500, "audit_error", "anchor_write_failed").ShouldHoldNoCredential(_broker.Sts);
        answer["message"]!.ShouldContain("audit anchor write failed; refusing to release credentials");
        _bucket.IsBroken = false;
        await Eventually.AsksAsync(
            () => _broker.PostAsync("/v1/mint-aws-creds", bearer: _session), again => (int)again.Status == 200);
    }

    /// <summary>An answer given again is a release like the first one.</summary>
    [Fact]
    public async Task A_replayed_answer_leaves_only_when_both_hold_the_record_that_it_was_given_again()
    {
        Task<Answer> MintAsync() =>
            _broker.PostAsync("/v1/mint-aws-creds", new { role = "data" }, _session, ("Idempotency-Key", "once"));
        var first = (await MintAsync()).ShouldBeOk();
        var calls = _broker.Sts.Calls.Count;
        _bucket.IsBroken = true;

        var withheld = await MintAsync();

        withheld.ShouldRefuse(500, "audit_error", "anchor_write_failed").ShouldHoldNoCredential(_broker.Sts);
        withheld["message"]!.ShouldContain("audit anchor write failed; refusing to release credentials");
        _broker.RowOf(withheld).Outcome.ShouldBe("replayed");
        _bucket.IsBroken = false;
        var given = await Eventually.AsksAsync(MintAsync, again => (int)again.Status == 200);
        given.Text.ShouldBe(first.Text);
        _broker.RowOf(given).Outcome.ShouldBe("replayed");
        _broker.Sts.Calls.Count.ShouldBe(calls);
    }
}
