using System.Text;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary>
/// The same <c>Idempotency-Key</c> gets the same answer, once from STS, and nothing of it is readable at rest.
/// </summary>
public sealed class IdempotencyTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Gives_the_same_answer_again_and_records_that_it_did()
    {
        var calls = _broker.Sts.Calls.Count;
        var (hits, conflicts) =
            (await _broker.MetricAsync("idempotency_hits_total"),
                await _broker.MetricAsync("idempotency_conflicts_total"));

        var first = (await MintAsync("again", new { role = "data" })).ShouldBeOk();
        var second = (await MintAsync("again", new { role = "data" })).ShouldBeOk();

        second.Text.ShouldBe(first.Text);
        second.RequestId.ShouldNotBe(first.RequestId);
        (_broker.Sts.Calls.Count - calls).ShouldBe(1);
        var row = _broker.RowOf(second);
        row.Outcome.ShouldBe("replayed");
        row.StsSessionName.ShouldBe(first["audit_record_id"]);
        row.AccessKeyId.ShouldBe(first["access_key_id"]);
        row.RequesterWallet.ShouldBe(_wallet.Address);
        (await _broker.MetricAsync("idempotency_hits_total")).ShouldBe(hits + 1);
        (await _broker.MetricAsync("idempotency_conflicts_total")).ShouldBe(conflicts);
    }

    [Fact]
    public async Task Refuses_the_same_key_for_another_body()
    {
        (await MintAsync("once", new { role = "data" })).ShouldBeOk();
        var conflicts = await _broker.MetricAsync("idempotency_conflicts_total");

        var other = await MintAsync("once", new { role = "vault" });

        other.ShouldRefuse(422, "bad_request", "idempotency_key_reused").ShouldHoldNoCredential(_broker.Sts);
        _broker.RowOf(other).Outcome.ShouldBe("bad_request");
        (await _broker.MetricAsync("idempotency_conflicts_total")).ShouldBe(conflicts + 1);
    }

    /// <summary>draft-ietf-httpapi-idempotency-key-header §2.6: the fingerprint is of the request, not of its body.</summary>
    [Theory]
    [InlineData("?receipt=none", "?receipt=full", false)]
    [InlineData("?receipt=none", "", false)]
    [InlineData("?receipt=none", "?receipt=none", true)]
    [InlineData("?receipt=full", "?receipt=full&dry_run=false", true)]
    [InlineData("?a=1&receipt=none", "?receipt=none&a=1", true)]
    public async Task Another_query_is_another_request(string first, string second, bool same)
    {
        var key = Guid.NewGuid().ToString("n");
        var given = (await _broker.PostAsync(
            $"/v1/mint-aws-creds{first}", new { role = "data" }, _session, ("Idempotency-Key", key))).ShouldBeOk();

        var again = await _broker.PostAsync(
            $"/v1/mint-aws-creds{second}", new { role = "data" }, _session, ("Idempotency-Key", key));

        if (same) again.ShouldBeOk().Text.ShouldBe(given.Text);
        else again.ShouldRefuse(422, "bad_request", "idempotency_key_reused");
    }

    [Theory]
    [InlineData("""{"duration_seconds":900,"role":"data"}""")]
    [InlineData("""{ "role" : "d\u0061ta", "duration_seconds" : 900 }""")]
    public async Task The_same_body_in_other_writing_is_the_same_request(string written)
    {
        var key = Guid.NewGuid().ToString("n");
        var given = (await _broker.PostRawAsync("/v1/mint-aws-creds", """{"role":"data","duration_seconds":900}""",
            _session, ("Idempotency-Key", key))).ShouldBeOk();

        (await _broker.PostRawAsync("/v1/mint-aws-creds", written, _session, ("Idempotency-Key", key)))
            .ShouldBeOk().Text.ShouldBe(given.Text);
    }

    [Fact]
    public async Task A_reservation_outlives_the_longest_call_to_sts()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_STS_TIMEOUT_SECONDS", "60"));
        var session = await broker.SignInAsync(_wallet);
        Task<Answer> first;
        using (broker.Sts.Hold())
        {
            first = broker.PostAsync("/v1/mint-aws-creds", new { role = "data" }, session, ("Idempotency-Key", "slow"));
            await broker.Sts.WaitForCallsAsync(1);

            broker.Clock.Advance(TimeSpan.FromSeconds(65));
            (await broker.PostAsync(
                    "/v1/mint-aws-creds", new { role = "data" }, session, ("Idempotency-Key", "slow")))
                .ShouldRefuse(409, "bad_request", "idempotency_key_in_use");
        }

        await first;
        broker.Sts.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Refuses_a_repeat_while_the_first_is_under_way()
    {
        Task<Answer> first;
        using (_broker.Sts.Hold())
        {
            var calls = _broker.Sts.Calls.Count;
            first = MintAsync("slow", new { role = "data" });
            await _broker.Sts.WaitForCallsAsync(calls + 1);

            (await MintAsync("slow", new { role = "data" })).ShouldRefuse(409, "bad_request", "idempotency_key_in_use")
                .Header("Retry-After").ShouldBe("1");
        }

        var answered = (await first).ShouldBeOk().Text;
        (await MintAsync("slow", new { role = "data" })).Text.ShouldBe(answered);
    }

    [Fact]
    public async Task A_failure_is_not_kept_the_next_try_is_a_new_one()
    {
        _broker.Sts.Reply = _ => StsReply.Error(403, "AccessDenied", "no");
        (await MintAsync("retry", new { role = "data" })).ShouldRefuse(502, "sts_error", "sts_failed");

        _broker.Sts.Reply = _broker.Sts.Grant;

        (await MintAsync("retry", new { role = "data" })).ShouldBeOk();
    }

    [Fact]
    public async Task One_callers_key_is_nothing_to_another()
    {
        using var other = new Wallet();
        var mine = (await MintAsync("shared", new { role = "data" })).ShouldBeOk();

        var theirs = (await _broker.PostAsync(
            "/v1/mint-aws-creds", new { role = "data" }, await _broker.SignInAsync(other),
            ("Idempotency-Key", "shared"))).ShouldBeOk();

        theirs["wallet"].ShouldBe(other.Address);
        theirs["access_key_id"].ShouldNotBe(mine["access_key_id"]);
    }

    [Fact]
    public async Task A_signed_request_may_be_repeated_under_its_key()
    {
        var body = SignedMintBody.Signed(_wallet, _broker.Clock.Now);

        var first = (await MintAsync("signed", body)).ShouldBeOk();

        (await MintAsync("signed", body)).ShouldBeOk().Text.ShouldBe(first.Text);
        (await _broker.PostAsync("/v1/mint-aws-creds", body, _session))
            .ShouldRefuse(401, "unauthorized", "signed_request_replayed");
    }

    [Fact]
    public async Task The_answer_is_kept_for_five_minutes_and_over_a_restart_and_then_forgotten()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        Task<Answer> Mint() => broker.PostAsync("/v1/mint-aws-creds", null, session, ("Idempotency-Key", "kept"));

        var first = (await Mint()).ShouldBeOk();
        await broker.RestartAsync();
        broker.Clock.Advance(TimeSpan.FromSeconds(299));
        (await Mint()).ShouldBeOk().Text.ShouldBe(first.Text);
        broker.Clock.Advance(TimeSpan.FromSeconds(1));
        (await Mint()).ShouldBeOk()["access_key_id"].ShouldNotBe(first["access_key_id"]);
    }

    [Fact]
    public async Task No_file_of_the_broker_holds_a_secret_in_the_clear()
    {
        var answer = (await MintAsync("at-rest", new JsonObject())).ShouldBeOk();
        var oidc = (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session)).ShouldBeOk();
        string[] secrets =
        [
            answer["secret_access_key"]!, answer["session_token"]!, _session, oidc["jwt"]!, _session.Split('.')[2],
            oidc["jwt"]!.Split('.')[2],
        ];

        var files = Directory.GetFiles(_broker.DataFolder)
            .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).ToList();

        files.ShouldContain(_broker.StateFile);
        foreach (var file in files)
        {
            // Read beside the writer: SQLite holds no lock that would keep a reader of bytes out.
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            foreach (var secret in secrets)
            {
                bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)).ShouldBe(-1, file);
                bytes.ToArray().AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)).ShouldBe(-1, file);
            }
        }
    }

    private Task<Answer> MintAsync(string key, object body) =>
        _broker.PostAsync("/v1/mint-aws-creds", body, _session, ("Idempotency-Key", key));
}
