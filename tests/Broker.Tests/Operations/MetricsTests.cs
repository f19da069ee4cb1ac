using Broker.Tests.Hosting;

namespace Broker.Tests.Operations;

/// <summary>What operators watch: names that stay, numbers that move, and no person in them.</summary>
public sealed class MetricsTests : IDisposable
{
    private static readonly string[] Counters =
    [
        "mints_total", "mints_failed_total", "audit_writes_total", "audit_writes_failed_total", "auth_attempts_total",
        "auth_failed_unauthorized_total",
        "auth_failed_rate_limited_total", "auth_failed_other_total", "idempotency_hits_total",
        "idempotency_conflicts_total",
    ];

    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Fact]
    public async Task Are_not_there_unless_they_are_turned_on()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_METRICS_ENABLED", "false"));

        (await broker.GetAsync("/metrics")).ShouldRefuse(404, "bad_request", "not_found");
    }

    [Fact]
    public async Task Have_the_names_of_the_contract_each_with_help_and_type()
    {
        await using var broker = await BrokerApp.StartAsync();

        var answer = (await broker.GetAsync("/metrics")).ShouldBeOk();

        answer.Header("Content-Type")!.ShouldStartWith("text/plain; version=0.0.4");
        var lines = answer.Text.Split('\n');
        foreach (var name in Counters)
        {
            lines.ShouldContain($"# TYPE agentkeys_broker_{name} counter");
            lines.ShouldContain(line => line.StartsWith($"# HELP agentkeys_broker_{name} ", StringComparison.Ordinal));
            lines.ShouldContain($"agentkeys_broker_{name} 0");
        }

        lines.ShouldContain("# TYPE agentkeys_broker_mint_oidc_jwt_seconds histogram");
        lines.ShouldContain("# TYPE agentkeys_broker_mint_aws_creds_seconds histogram");
        lines.ShouldContain("agentkeys_broker_ledger_queue_depth 0");
    }

    [Fact]
    public async Task Count_what_happened()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session);
        await broker.PostAsync("/v1/mint-aws-creds", bearer: session);
        await broker.PostAsync("/v1/mint-aws-creds", bearer: "opaque");
        broker.Sts.Reply = _ => StsReply.Error(403, "AccessDenied", "no");
        await broker.PostAsync("/v1/mint-aws-creds", bearer: session);

        (await broker.MetricAsync("mints_total")).ShouldBe(2);
        (await broker.MetricAsync("mints_failed_total")).ShouldBe(2);
        (await broker.MetricAsync("auth_attempts_total")).ShouldBe(5);
        (await broker.MetricAsync("auth_failed_unauthorized_total")).ShouldBe(1);
        (await broker.MetricAsync("ledger_entries")).ShouldBe(broker.MintLog().Count);
        (await broker.MetricAsync("mint_aws_creds_seconds_count")).ShouldBe(3);
        (await broker.MetricAsync("audit_writes_failed_total")).ShouldBe(0);
    }

    [Fact]
    public async Task Count_a_ledger_that_failed()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        using (DatabaseLock.Hold(broker.LedgerFile)) await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session);

        (await broker.MetricAsync("audit_writes_failed_total")).ShouldBe(1);
        (await broker.MetricAsync("mints_failed_total")).ShouldBe(1);
    }

    [Fact]
    public async Task Name_nobody()
    {
        await using var broker = await BrokerApp.StartAsync();
        await broker.PostAsync("/v1/mint-oidc-jwt", bearer: await broker.SignInAsync(_wallet));

        var text = (await broker.GetAsync("/metrics")).Text;

        text.ShouldNotContain(_wallet.Address[2..10]);
        text.ShouldNotContain(_wallet.Omni[..8]);
        text.Split('\n').Where(line => line.Contains('{', StringComparison.Ordinal))
            .ShouldAllBe(line => line.Contains("_bucket{le=\"", StringComparison.Ordinal));
    }
}
