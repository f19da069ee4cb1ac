using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>
/// No record, no token, whatever the grant: a ledger that cannot write answers 503 with <c>Retry-After</c>.
/// </summary>
public sealed class GrantLedgerFaultTests : IAsyncLifetime
{
    private readonly OAuthBroker _oauth = new();

    public static TheoryData<string> EveryGrant => OAuthBroker.EveryGrant;

    private BrokerApp Broker => _oauth.App;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _oauth.DisposeAsync();

    [Theory]
    [MemberData(nameof(EveryGrant))]
    public async Task A_failed_write_answers_503_and_no_token(string grant)
    {
        await _oauth.StartAsync();
        var ask = await _oauth.PrepareAsync(grant);

        Answer answer;
        using (DatabaseLock.Hold(Broker.LedgerFile, "BEGIN EXCLUSIVE")) answer = await ask();

        ShouldBeWithheld(answer, "ledger_write_failed");
        (await (await _oauth.PrepareAsync(grant))()).ShouldBeOk();
    }

    [Theory]
    [MemberData(nameof(EveryGrant))]
    public async Task A_slow_ledger_answers_503_and_no_token(string grant)
    {
        await _oauth.StartAsync(("BROKER_LEDGER_TIMEOUT_SECONDS", "1"));
        var ask = await _oauth.PrepareAsync(grant);

        Answer answer;
        using (DatabaseLock.Hold(Broker.LedgerFile)) answer = await ask();

        ShouldBeWithheld(answer, "ledger_timed_out");
    }

    [Theory]
    [MemberData(nameof(EveryGrant))]
    public async Task A_full_queue_answers_503_and_no_token(string grant)
    {
        await _oauth.StartAsync(("BROKER_LEDGER_QUEUE_CAPACITY", "2"), ("BROKER_LEDGER_TIMEOUT_SECONDS", "60"));
        var asks = new List<Func<Task<Answer>>>();
        for (var n = 0; n < 12; n++) asks.Add(await _oauth.PrepareAsync(grant));

        var hold = DatabaseLock.Hold(Broker.LedgerFile);
        var asking = asks.Select(ask => ask()).ToList();
        var first = await Task.WhenAny(asking);
        hold.Dispose();
        var answers = await Task.WhenAll(asking);

        ShouldBeWithheld(await first, "ledger_busy");
        foreach (var answer in answers.Where(one => (int)one.Status != 200)) ShouldBeWithheld(answer, "ledger_busy");
        var rows = Broker.MintLog();
        foreach (var answer in answers)
            rows.Count(row => row.RequestId == answer.RequestId).ShouldBe((int)answer.Status == 200 ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(EveryGrant))]
    public async Task An_anchor_that_is_down_answers_503_and_no_token(string grant)
    {
        using var bucket = new ObjectLockPeer();
        await _oauth.StartAsync(
            ("BROKER_AUDIT_ANCHORS", "sqlite,s3"), ("BROKER_AUDIT_S3_BUCKET", "audit"),
            ("AWS_ENDPOINT_URL_S3", bucket.Url), ("BROKER_LEDGER_TIMEOUT_SECONDS", "3"),
            ("DAEMON_ACCESS_KEY_ID", "AKIADAEMON"), ("DAEMON_SECRET_ACCESS_KEY", "daemon-secret"));
        var ask = await _oauth.PrepareAsync(grant);
        bucket.IsBroken = true;

        ShouldBeWithheld(await ask(), "anchor_write_failed");
    }

    private static void ShouldBeWithheld(Answer answer, string code)
    {
        answer.ShouldRefuseAsOAuth(503, "temporarily_unavailable", code);
        int.Parse(answer.Header("Retry-After")!).ShouldBePositive();
    }
}
