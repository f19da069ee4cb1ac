using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Operations;

/// <summary><c>/readyz</c> proves each part; <c>/healthz</c> asks nobody.</summary>
public sealed class ReadinessTests : IDisposable
{
    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Fact]
    public async Task A_ledger_that_failed_is_not_ready_until_it_has_written_again()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        (await broker.GetAsync("/readyz")).ShouldBeOk().Text.ShouldBe("{}");

        using (DatabaseLock.Hold(broker.LedgerFile)) await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session);
        var failed = await broker.GetAsync("/readyz");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();

        ((int)failed.Status).ShouldBe(503);
        failed["status"].ShouldBe("unready");
        var check = failed.Json.GetProperty("checks").EnumerateArray().ShouldHaveSingleItem();
        check.GetProperty("name").GetString().ShouldBe("sqlite");
        check.GetProperty("docs").GetString()!.ShouldEndWith("#sqlite");
        failed.Json.GetProperty("ready").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(["disk", "wallet_sig", "client_keystore"]);
        (await broker.GetAsync("/readyz")).ShouldBeOk().Text.ShouldBe("{}");
        (await broker.GetAsync("/healthz")).Text.ShouldBe("ok");
    }

    [Fact]
    public async Task A_state_database_that_cannot_be_written_is_not_ready()
    {
        await using var broker = await BrokerApp.StartAsync();

        Answer answer;
        using (DatabaseLock.Hold(broker.StateFile)) answer = await broker.GetAsync("/readyz");

        ((int)answer.Status).ShouldBe(503);
        answer.Json.GetProperty("checks").EnumerateArray().Select(one => one.GetProperty("name").GetString())
            .ShouldBe(["wallet_sig", "client_keystore"]);
        (await broker.GetAsync("/readyz")).ShouldBeOk();
    }

    [Fact]
    public async Task An_sts_that_does_not_know_us_is_not_ready_where_we_assume_roles()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        sts.Reply = call =>
            sts.Calls.Count == 1 ? sts.Grant(call)
                : StsReply.Error(403, "ExpiredToken", "The security token is expired");
        await using var broker = await BrokerApp.StartAsync(
            ("DAEMON_ACCESS_KEY_ID", "AKIA"), ("DAEMON_SECRET_ACCESS_KEY", "s"), ("AWS_ENDPOINT_URL_STS", sts.Url));

        var answer = await Eventually.AsksAsync(
            () => broker.GetAsync("/readyz"), one => one.Text.Contains("ExpiredToken", StringComparison.Ordinal));

        ((int)answer.Status).ShouldBe(503);
        answer.Json.GetProperty("sts_ok").GetBoolean().ShouldBeFalse();
        answer.Json.GetProperty("backend_ok").GetBoolean().ShouldBeTrue();
        answer.Json.GetProperty("checks")[0].GetProperty("name").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task Health_asks_nobody_even_when_everything_is_locked()
    {
        await using var broker = await BrokerApp.StartAsync(("AWS_ENDPOINT_URL_STS", Peers.DeadUrl));

        using (DatabaseLock.Hold(broker.StateFile))
        using (DatabaseLock.Hold(broker.LedgerFile))
            (await broker.GetAsync("/healthz")).ShouldBeOk().Text.ShouldBe("ok");
    }
}
