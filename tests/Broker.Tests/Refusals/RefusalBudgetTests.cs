using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Refusals;

/// <summary>
/// The ledger is permanent storage: nobody spends it before proving something (CWE-770). Refusals are on record within
/// a budget; above it they are counted, one row says how many, and the caller gets 429.
/// </summary>
public sealed class RefusalBudgetTests : IDisposable
{
    private const int PerSource = 5, InAll = 12;

    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Theory]
    [InlineData("/v1/mint-oidc-jwt", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", null, 401)]
    [InlineData("/v1/mint-aws-creds", "opaque", null, 401)]
    [InlineData("/v1/auth/exchange", "opaque", null, 401)]
    [InlineData("/v1/auth/session/end", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", null, 401)]
    [InlineData("/v1/auth/wallet/verify", null, """{"request_id":"siwe-0","signature":"0x00"}""", 401)]
    [InlineData("/v1/auth/wallet/verify", null, "not json", 400)]
    [InlineData("/v1/auth/wallet/start", null, """{"address":"nobody"}""", 400)]
    [InlineData("/v1/ledger/entries", "opaque", null, 401)]
    public async Task What_is_above_the_budget_is_counted_and_answered_429(
        string path, string? bearer, string? body, int status)
    {
        await using var broker = await StartAsync();
        for (var n = 0; n < 40; n++)
        {
            var answer = path == "/v1/ledger/entries"
                ? await broker.GetAsync(path, ("Authorization", $"Bearer {bearer}"))
                : await broker.PostRawAsync(path, body, bearer);
            if (n < PerSource)
            {
                ((int)answer.Status).ShouldBe(status, answer.ToString());
                broker.RowsOf(answer).Count.ShouldBe(1);
                continue;
            }

            answer.ShouldRefuse(429, "rate_limited", "too_many_refusals");
            int.Parse(answer.Header("Retry-After")!).ShouldBeInRange(1, 60);
            broker.RowsOf(answer).ShouldBeEmpty();
        }

        broker.MintLog().Count.ShouldBe(PerSource);
        (await broker.MetricAsync("refusals_counted_total")).ShouldBe(40 - PerSource);
    }

    [Fact]
    public async Task One_row_says_how_many_more_there_were_of_which_kind()
    {
        await using var broker = await StartAsync();
        for (var n = 0; n < 20; n++) await broker.PostAsync("/v1/mint-oidc-jwt", bearer: $"eyJ{n}.y.z");
        for (var n = 0; n < 9; n++)
            await FromAsync(broker, "2001:db8:1:2::" + n, "eyJ.y.z");

        // What was counted is not lost when the process ends.
        await broker.StopAsync();

        var sum = broker.MintLog().Where(row => row.Kind == "refusals").ShouldHaveSingleItem();
        sum.Outcome.ShouldBe("rate_limited");
        sum.OutcomeDetail!.ShouldContain("19 more refusals");
        using var kinds = JsonDocument.Parse(sum.Evidence);
        kinds.RootElement.GetProperty("refusals").EnumerateArray()
            .Select(one => $"{one.GetProperty("source").GetString()} {one.GetProperty("code").GetString()} "
                + one.GetProperty("count").GetInt64())
            .ShouldBe(["127.0.0.0/24 invalid_bearer 15", "2001:db8:1:2::/64 invalid_bearer 4"]);
    }

    [Fact]
    public async Task Many_addresses_together_have_a_budget_too_and_a_proven_caller_is_not_held_up()
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);
        for (var n = 0; n < 40; n++) await FromAsync(broker, $"2001:db8:{n:x}::1", "eyJ.y.z");

        broker.MintLog().Count(row => row.Outcome == "auth_failed").ShouldBe(InAll);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();

        // A proven caller's refusals are still on record: strangers have spent their own budget only.
        var refused = await broker.PostAsync("/v1/mint-oidc-jwt", new { ttl_seconds = 1 }, session);
        refused.ShouldRefuse(400, "bad_request", "lifetime_out_of_bounds");
        broker.RowsOf(refused).Count.ShouldBe(1);
        (await broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();
    }

    [Fact]
    public async Task An_actor_spends_its_own_budget()
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);
        for (var n = 0; n < 20; n++)
            await broker.PostAsync("/v1/mint-oidc-jwt", new { ttl_seconds = 1 }, session);

        broker.MintLog().Count(row => row.Outcome == "bad_request").ShouldBe(PerSource);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
    }

    /// <summary>Guarantee 3: hanging up takes nothing off the record.</summary>
    [Fact]
    public async Task A_refusal_is_on_record_even_when_the_client_hangs_up()
    {
        await using var broker = await BrokerApp.StartAsync();
        for (var n = 0; n < 200; n++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(broker.Address.Host, broker.Address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/mint-oidc-jwt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer eyJ{n}.y.z\r\n"
                + "Content-Length: 0\r\n\r\n"));
        }

        await Eventually.HoldsAsync(
            () => broker.MintLog().Count(row => row.Outcome == "auth_failed") == 200, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_code_that_the_caller_sees_is_in_the_row()
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);

        var answer = await broker.PostAsync("/v1/mint-oidc-jwt", new { role = "nonsense" }, session);

        answer["code"].ShouldBe("role_not_in_catalogue");
        broker.RowOf(answer).Evidence.ShouldBe("""{"code":"role_not_in_catalogue"}""");
    }

    [Fact]
    public async Task Ending_a_session_is_an_entry()
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);

        var answer = (await broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();

        var row = broker.RowOf(answer);
        row.Outcome.ShouldBe("revoked");
        row.RequesterWallet.ShouldBe(_wallet.Address);
        row.RequesterToken.Length.ShouldBe(64);
    }

    private static Task<BrokerApp> StartAsync() => BrokerApp.StartAsync(
        ("BROKER_REFUSALS_PER_MINUTE_PER_SOURCE", $"{PerSource}"), ("BROKER_REFUSALS_PER_MINUTE", $"{InAll}"));

    private static Task<Answer> FromAsync(BrokerApp broker, string address, string bearer) =>
        broker.PostAsync("/v1/mint-oidc-jwt", null, bearer, ("X-Forwarded-For", address));
}
