using System.Net.Sockets;
using Broker.Tests.Hosting;

namespace Broker.Tests.Invariants;

/// <summary>
/// The real process dies by SIGKILL in the middle of its work: whatever a client holds afterwards is on record.
/// </summary>
public sealed class KilledProcessTests : IDisposable
{
    private readonly Wallet _wallet = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_process_killed_while_sts_is_asked_has_released_nothing_and_the_next_one_works()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        string session;
        await using (var broker = await StartAsync(sts))
        {
            session = await broker.SignInAsync(_wallet);
            using (sts.Hold())
            {
                var asking = broker.PostAsync("/v1/mint-aws-creds", null, session, ("Idempotency-Key", "k"));
                await sts.WaitForCallsAsync(1);
                broker.Kill();
                await Should.ThrowAsync<Exception>(asking);
            }

            broker.MintLog().ShouldHaveSingleItem().Kind.ShouldBe("session_token");
        }

        await using var next = await StartAsync(sts);
        var answer = (await next.PostAsync("/v1/mint-aws-creds", bearer: session)).ShouldBeOk();
        next.RowOf(answer).Outcome.ShouldBe("ok");

        // The reservation of the killed request is honoured for as long as it could have been under way.
        (await next.PostAsync("/v1/mint-aws-creds", null, session, ("Idempotency-Key", "k")))
            .ShouldRefuse(409, "bad_request", "idempotency_key_in_use");
    }

    [Fact]
    public async Task Of_many_mints_cut_off_by_a_kill_every_one_that_was_answered_is_on_record()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        var received = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using (var broker = await StartAsync(sts))
        {
            var session = await broker.SignInAsync(_wallet);
            var clients = Enumerable.Range(0, 8).Select(async n =>
            {
                try
                {
                    while (true)
                    {
                        var answer = await broker.PostAsync(
                            n % 2 == 0 ? "/v1/mint-oidc-jwt" : "/v1/mint-aws-creds", bearer: session);
                        received.Add(answer.ShouldBeOk()["audit_record_id"]!);
                    }
                }
                catch (Exception cut) when (cut is HttpRequestException or IOException or SocketException)
                {
                    // Killed, as intended.
                }
            }).ToList();
            await Eventually.HoldsAsync(() => received.Count >= 100);
            broker.Kill();
            await Task.WhenAll(clients);
        }

        await using var next = await StartAsync(sts);
        var recorded = next.MintLog().Where(row => row.Outcome == "ok").Select(row => row.RecordId).ToHashSet();
        received.Where(one => !recorded.Contains(one)).ShouldBeEmpty();
        (await next.GetAsync("/readyz")).ShouldBeOk();
        next.MintLog().Select(row => row.Id).ShouldBe(Enumerable.Range(1, next.MintLog().Count).Select(n => (long)n));
    }

    private Task<BrokerProcess> StartAsync(StsPeer sts) => BrokerProcess.StartAsync(
        BrokerProcess.Settings(
            ("BROKER_DATA_DIR", _folder.Path), ("AWS_ENDPOINT_URL_STS", sts.Url),
            ("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "0")),
        "--init");
}
