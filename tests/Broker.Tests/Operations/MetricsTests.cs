using Broker.Identity;
using Broker.Mail;
using Broker.Tests.Capabilities;
using Broker.Tests.Hosting;
using Broker.Tests.SignIn.Passkey;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Operations;

/// <summary>What operators watch: names that stay, numbers that move, and no person in them.</summary>
public sealed class MetricsTests : IDisposable
{
    private static readonly string[] Counters =
    [
        "mints_total", "mints_failed_total", "audit_writes_total", "audit_writes_failed_total", "auth_attempts_total",
        "auth_failed_unauthorized_total",
        "auth_failed_rate_limited_total", "auth_failed_other_total", "idempotency_hits_total",
        "idempotency_conflicts_total", "capabilities_total", "capabilities_refused_total", "grants_created_total",
        "grants_revoked_total", "grant_uses_total", "grant_uses_given_back_total", "inbox_reads_total",
        "inbox_reads_failed_total", "sign_ins_wallet_sig_total", "sign_ins_wallet_sig_refused_total",
        "sign_ins_email_link_total", "sign_ins_passkey_total", "sign_ins_oauth2_total",
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
    public async Task Count_sign_ins_by_their_method_and_mails_by_what_became_of_them()
    {
        await using var site = await EveryWayToSignIn.StartAsync();
        using var passkey = new SoftAuthenticator();
        (await site.RegisterAsync(passkey)).ShouldBeOk();
        await site.Broker.SignInAsync(_wallet);
        (await site.ByMailAsync("alice@example.org")).ShouldBeOk();
        (await site.Broker.ConfirmAsync(site.Broker.NewestToken())).ShouldRefuse(
            401, "unauthorized", "email_link_not_valid");
        (await site.ByProviderAsync("1234567890")).ShouldBeOk();
        await site.Broker.GetAsync("/auth/oauth2/callback?code=x&state=y");
        (await site.ByPasskeyAsync(passkey)).ShouldBeOk();
        site.Broker.Services.GetRequiredService<ISuppressedMailboxes>().Add(
            EmailAddress.Parse("bounced@example.org"), SuppressionReason.Bounce);
        (await site.Broker.RequestLinkAsync("bounced@example.org")).ShouldBeOk();

        foreach (var method in (string[])["wallet_sig", "email_link", "oauth2", "passkey"])
            (await site.Broker.MetricAsync($"sign_ins_{method}_total")).ShouldBe(1, method);
        (await site.Broker.MetricAsync("sign_ins_email_link_refused_total")).ShouldBe(1);
        (await site.Broker.MetricAsync("sign_ins_oauth2_refused_total")).ShouldBe(1);
        (await site.Broker.MetricAsync("sign_ins_passkey_refused_total")).ShouldBe(0);
        (await site.Broker.MetricAsync("mails_sent_total")).ShouldBe(1);
        (await site.Broker.MetricAsync("mails_suppressed_total")).ShouldBe(1);
        (await site.Broker.MetricAsync("mails_refused_total")).ShouldBe(0);
        var text = (await site.Broker.GetAsync("/metrics")).Text;
        text.ShouldNotContain("example.org");
        text.ShouldNotContain("1234567890");
    }

    [Fact]
    public async Task Count_a_mail_that_its_sender_did_not_accept()
    {
        await using var broker = await MailSignIn.StartAsync(
            ("BROKER_EMAIL_SENDER", "smtp"), ("BROKER_SMTP_HOST", "127.0.0.1"),
            ("BROKER_SMTP_PORT", $"{Peers.FreePort()}"));

        (await broker.RequestLinkAsync())["error"].ShouldBe("backend_unreachable");

        (await broker.MetricAsync("mails_refused_total")).ShouldBe(1);
        (await broker.MetricAsync("mails_sent_total")).ShouldBe(0);
    }

    [Fact]
    public async Task Count_grants_capabilities_and_reads_of_mail()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var made = (await broker.PostAsync("/v1/grant/create", new
        {
            daemon_address = _wallet.Address,
            service = "s3",
            expires_at = broker.Clock.UnixSeconds + 3600,
            max_uses = 2,
        }, session)).ShouldBeOk();
        Task<Answer> MintAsync() => broker.PostAsync(
            "/v1/mint-aws-creds", SignedMintBody.Signed(_wallet, broker.Clock.Now), session);
        (await MintAsync()).ShouldBeOk();
        broker.Sts.Reply = _ => StsReply.Error(403, "AccessDenied", "no");
        await MintAsync();
        (await broker.PostAsync("/v1/grant/revoke", new { grant_id = made["grant_id"] }, session)).ShouldBeOk();
        await broker.GetAsync("/v1/mail", ("Authorization", $"Bearer {session}"));
        using var device = new Device();
        await broker.PostAsync(
            "/v1/cap/cred-fetch", CapabilityBodies.Wish(_wallet.Omni, _wallet.Omni, device), session);

        (await broker.MetricAsync("grants_created_total")).ShouldBe(1);
        (await broker.MetricAsync("grant_uses_total")).ShouldBe(2);
        (await broker.MetricAsync("grant_uses_given_back_total")).ShouldBe(1);
        (await broker.MetricAsync("grants_revoked_total")).ShouldBe(1);
        (await broker.MetricAsync("inbox_reads_failed_total")).ShouldBe(1);
        (await broker.MetricAsync("capabilities_refused_total")).ShouldBe(1);
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
