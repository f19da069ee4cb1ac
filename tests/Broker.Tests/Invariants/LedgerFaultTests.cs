using Broker.Tests.Faults;
using Broker.Tests.Hosting;

namespace Broker.Tests.Invariants;

/// <summary>
/// No record, no credential: whatever keeps the ledger from writing, the answer holds nothing that opens a door, the
/// row is not there, and the next request works once the fault is gone.
/// </summary>
public sealed class LedgerFaultTests : IDisposable
{
    private readonly Wallet _wallet = new();

    public static TheoryData<string> EveryCredential =>
        [Mints.OidcToken, Mints.AwsCredentials, Mints.SessionToken, Mints.AgentSession];

    public void Dispose() => _wallet.Dispose();

    [Theory]
    [MemberData(nameof(EveryCredential))]
    public async Task A_ledger_locked_by_another_process_answers_500_without_the_credential(string what)
    {
        await using var broker = await BrokerApp.StartAsync();
        var mint = await Mints.PrepareAsync(broker, _wallet, what);

        Answer answer;
        using (DatabaseLock.Hold(broker.LedgerFile, "BEGIN EXCLUSIVE")) answer = await mint();

        answer.ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(broker.Sts);
        broker.RowsOf(answer).ShouldBeEmpty();
        await Mints.ShouldWorkAgainAsync(broker, _wallet, what);
    }

    [Theory]
    [MemberData(nameof(EveryCredential))]
    public async Task A_ledger_that_does_not_answer_in_time_answers_503_with_retry_after(string what)
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_LEDGER_TIMEOUT_SECONDS", "1"));
        var mint = await Mints.PrepareAsync(broker, _wallet, what);

        Answer answer;
        using (DatabaseLock.Hold(broker.LedgerFile)) answer = await mint();

        answer.ShouldRefuse(503, "audit_error", "ledger_timed_out").ShouldHoldNoCredential(broker.Sts);
        int.Parse(answer.Header("Retry-After")!).ShouldBePositive();
        await Eventually.AsksAsync(
            async () => (await (await Mints.PrepareAsync(broker, _wallet, Mints.OidcToken))()).Status, status =>
                (int)status == 200);
        await Mints.ShouldWorkAgainAsync(broker, _wallet, what);
    }

    [Fact]
    public async Task A_full_queue_answers_503_with_retry_after_and_the_rest_is_written_when_the_disk_is_back()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_LEDGER_QUEUE_CAPACITY", "2"));
        var session = await broker.SignInAsync(_wallet);

        Answer[] answers;
        var hold = DatabaseLock.Hold(broker.LedgerFile);
        var asking = Enumerable.Range(0, 12).Select(_ => broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ToList();
        var refused = await Task.WhenAny(asking);
        hold.Dispose();
        answers = await Task.WhenAll(asking);

        (await refused).ShouldRefuse(503, "audit_error", "ledger_busy").Header("Retry-After").ShouldNotBeNull();
        foreach (var answer in answers.Where(one => (int)one.Status != 200))
            answer.ShouldRefuse(503, "audit_error", "ledger_busy").ShouldHoldNoCredential(broker.Sts);
        broker.MintLog().Count(row => row.Kind == "oidc_token").ShouldBe(answers.Count(one => (int)one.Status == 200));
        await Mints.ShouldWorkAgainAsync(broker, _wallet, Mints.OidcToken);
    }

    [PrivilegedFact]
    public async Task A_full_disk_answers_500_without_the_credential()
    {
        using var disk = new SmallDisk();
        await using var broker =
            await BrokerApp.StartAsync(("BROKER_AUDIT_DB_PATH", Path.Combine(disk.Folder, "audit.sqlite")));
        var session = await broker.SignInAsync(_wallet);

        var refused = new List<Answer>();
        using (disk.Fill())
        {
            // The write-ahead log may still have room of its own for a few rows.
            for (var n = 0; refused.Count < 3; n++)
            {
                n.ShouldBeLessThan(5000, "the disk never filled up");
                var answer = await broker.PostAsync("/v1/mint-aws-creds", bearer: session);
                if ((int)answer.Status != 200) refused.Add(answer);
            }
        }

        foreach (var answer in refused)
        {
            answer.ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(broker.Sts);
            broker.RowsOf(answer).ShouldBeEmpty();
        }

        await Mints.ShouldWorkAgainAsync(broker, _wallet, Mints.AwsCredentials);
    }

    [PrivilegedFact]
    public async Task Ledger_files_made_read_only_under_way_answer_500_without_the_credential()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);

        var answers = new List<Answer>();
        using (new Immutable(broker.LedgerFile, broker.LedgerFile + "-wal"))
        {
            foreach (var route in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds", "/v1/mint-oidc-jwt"])
                answers.Add(await broker.PostAsync(route, bearer: session));
            (await broker.GetAsync("/readyz")).Status.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
        }

        foreach (var answer in answers)
        {
            answer.ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(broker.Sts);
            broker.RowsOf(answer).ShouldBeEmpty();
        }

        await Mints.ShouldWorkAgainAsync(broker, _wallet, Mints.AwsCredentials);
        (await broker.GetAsync("/readyz")).Text.ShouldBe("{}");
    }

    [PrivilegedFact]
    public async Task A_folder_that_cannot_be_written_answers_500_without_the_credential()
    {
        using var ledger = new TemporaryFolder();
        await using var broker = await BrokerApp.StartAsync(("BROKER_AUDIT_DB_PATH", ledger.File("audit.sqlite")));
        var session = await broker.SignInAsync(_wallet);

        Answer answer;
        // Not the log's index: it is mapped into memory, and the kernel answers a write to a mapped immutable file with
        // SIGBUS.
        var files = Directory.GetFiles(ledger.Path).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal));
        using (new Immutable([.. files, ledger.Path]))
            answer = await broker.PostAsync("/v1/mint-aws-creds", bearer: session);

        answer.ShouldRefuse(500, "audit_error", "ledger_write_failed").ShouldHoldNoCredential(broker.Sts);
        await Mints.ShouldWorkAgainAsync(broker, _wallet, Mints.AwsCredentials);
    }

    [Fact]
    public async Task A_refusal_is_answered_as_it_is_even_when_it_cannot_be_recorded()
    {
        await using var broker = await BrokerApp.StartAsync();

        Answer answer;
        using (DatabaseLock.Hold(broker.LedgerFile))
            answer = await broker.PostAsync("/v1/mint-aws-creds", bearer: "opaque");

        answer.ShouldRefuse(401, "unauthorized", "legacy_bearer_not_accepted");
        broker.RowsOf(answer).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_locked_state_database_answers_503_and_hands_out_nothing()
    {
        await using var broker = await BrokerApp.StartAsync();
        var mint = await Mints.PrepareAsync(broker, _wallet, Mints.SessionToken);

        Answer verify, keyed;
        using (DatabaseLock.Hold(broker.StateFile)) verify = await mint();
        var session = await broker.SignInAsync(_wallet);
        using (DatabaseLock.Hold(broker.StateFile))
            keyed = await broker.PostAsync("/v1/mint-aws-creds", bearer: session, headers: ("Idempotency-Key", "k1"));

        foreach (var answer in (Answer[])[verify, keyed])
        {
            answer.ShouldRefuse(503, "internal", "state_unavailable").ShouldHoldNoCredential(broker.Sts);
            answer.Header("Retry-After").ShouldBe("1");
        }

        broker.Sts.Calls.ShouldBeEmpty();
        (await broker.PostAsync("/v1/mint-aws-creds", bearer: session, headers: ("Idempotency-Key", "k1")))
            .ShouldBeOk();
    }
}
