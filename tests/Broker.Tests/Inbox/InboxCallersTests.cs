using Broker.Tests.Agents;
using Broker.Tests.Capabilities;
using Broker.Tests.Hosting;

namespace Broker.Tests.Inbox;

/// <summary>
/// Who reads mail besides a master with a session: a paired agent, a legacy bearer; and what a broker lets through
/// that wants a grant for everything.
/// </summary>
public sealed class InboxCallersTests : IDisposable
{
    private readonly Wallet _wallet = new();
    private readonly Device _device = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _wallet.Dispose();
        _device.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_agent_reads_its_own_mail_and_not_its_masters()
    {
        await using var site = await MailSite.StartAsync();
        var master = await site.Broker.SignInAsync(_wallet);
        var agent = await site.Broker.PairAsync(_device, master);
        var child = OmniOf(agent);
        await site.PutAsync(master, $"bots/{_wallet.Omni}/inbound/masters", Mail("for the master"));
        await site.PutAsync(agent, $"bots/{child}/inbound/agents", Mail("for the agent"));

        IdsOf((await site.GetAsync("/v1/mail", agent)).ShouldBeOk()).ShouldBe(["agents"]);
        (await site.GetAsync("/v1/mail/agents", agent)).ShouldBeOk().Text.ShouldContain("for the agent");
        (await site.GetAsync("/v1/mail/masters", agent)).ShouldRefuse(404, "bad_request", "inbox_message_unknown");
        IdsOf((await site.GetAsync("/v1/mail", master)).ShouldBeOk()).ShouldBe(["masters"]);
        site.Broker.MintLog().Last(row => row is { Kind: "aws_credentials", Outcome: "ok" } && row.ActorOmni == child)
            .RequestedRole.ShouldBe(MailSite.DataRole);
    }

    [Fact]
    public async Task An_agent_that_its_master_suspends_reads_nothing_more_at_once()
    {
        await using var site = await MailSite.StartAsync();
        var master = await site.Broker.SignInAsync(_wallet);
        var agent = await site.Broker.PairAsync(_device, master);
        (await site.GetAsync("/v1/mail", agent)).ShouldBeOk();
        Task<Answer> DecideAsync(string verb) => site.Broker.PostAsync(
            $"/v1/grant/path-policies/{verb}", new { derivation_path = "//agent-a" }, master);

        (await DecideAsync("suspend")).ShouldBeOk();

        // The credentials of the first request would still do.
        var refused = await site.GetAsync("/v1/mail", agent);
        refused.ShouldRefuse(403, "forbidden", "path_suspended");
        site.Broker.RowOf(refused).ActorOmni.ShouldBe(OmniOf(agent));
        (await site.GetAsync("/v1/mail/any", agent)).ShouldRefuse(403, "forbidden", "path_suspended");
        (await DecideAsync("resume")).ShouldBeOk();
        (await site.GetAsync("/v1/mail", agent)).ShouldBeOk();
    }

    [Fact]
    public async Task A_legacy_bearer_reads_its_wallets_mail_while_the_backend_vouches_for_it()
    {
        using var backend = new LegacyBackendPeer();
        await using var site = await MailSite.StartAsync(null, ("BROKER_BACKEND_URL", backend.Url));
        var bearer = backend.Admit(_wallet.ChecksummedAddress);
        await site.PutAsync(bearer, $"bots/{_wallet.Omni}/inbound/by-omni", Mail("one"));
        await site.PutAsync(bearer, $"bots/{_wallet.Address}/inbound/by-wallet", Mail("two"));

        IdsOf((await site.GetAsync("/v1/mail", bearer)).ShouldBeOk()).ShouldBe(["by-wallet", "by-omni"]);
        (await site.GetAsync("/v1/mail/by-wallet", bearer)).ShouldBeOk().Text.ShouldContain("two");

        backend.Say(401, "{}");
        var refused = await site.GetAsync("/v1/mail", bearer);
        refused.ShouldRefuse(401, "unauthorized", "invalid_bearer");
        site.Broker.RowOf(refused).Outcome.ShouldBe("auth_failed");
    }

    [Fact]
    public async Task Where_a_grant_is_demanded_only_agents_read_mail_and_a_granted_mint_reads_the_bucket()
    {
        await using var site = await MailSite.StartAsync(null, ("BROKER_REQUIRE_EXPLICIT_GRANT", "true"));
        var master = await site.Broker.SignInAsync(_wallet);
        var agent = await site.Broker.PairAsync(_device, master);
        await site.PutAsync(agent, $"bots/{OmniOf(agent)}/inbound/agents", Mail("for the agent"));

        IdsOf((await site.GetAsync("/v1/mail", agent)).ShouldBeOk()).ShouldBe(["agents"]);
        var refused = await site.GetAsync("/v1/mail", master);
        refused.ShouldRefuse(403, "forbidden", "grant_required");
        site.Broker.RowOf(refused).ActorOmni.ShouldBe(_wallet.Omni);
        (await site.GetAsync("/v1/mail/agents", master)).ShouldRefuse(403, "forbidden", "grant_required");

        (await site.Broker.PostAsync("/v1/grant/create", new
        {
            daemon_address = _wallet.Address,
            service = "s3",
            scope_path = "",
            expires_at = site.Broker.Clock.UnixSeconds + 3600,
            max_uses = 1,
        }, master)).ShouldBeOk();
        (await site.Broker.PostAsync(
            "/v1/mint-aws-creds", SignedMintBody.Signed(_wallet, site.Broker.Clock.Now), master)).ShouldBeOk();

        // Its use was for what left: the broker takes none for reading on the caller's behalf.
        (await site.GetAsync("/v1/mail", master)).ShouldRefuse(403, "forbidden", "grant_required");
    }

    /// <summary>Contract §2.17: what a capability rests on are its gates.</summary>
    [Fact]
    public async Task Where_a_grant_is_demanded_capabilities_need_their_gates_alone()
    {
        var gates = new GatesFile(_folder.File("gates.json")).Write();
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_REQUIRE_EXPLICIT_GRANT", "true"), ("BROKER_CAPABILITY_GATES", "static"),
            ("BROKER_CAPABILITY_STATIC_PATH", gates.Path));
        var master = await broker.SignInAsync(_wallet);
        var agent = await broker.PairAsync(_device, master);
        gates.Device(_device.KeyHash, _wallet.Omni, OmniOf(agent)).Write();
        Task<Answer> AskAsync(string session) => broker.PostAsync(
            "/v1/cap/cred-fetch",
            CapabilityBodies.Wish(_wallet.Omni, OmniOf(agent), _device).ProvenBy(_device, broker.Clock.UnixSeconds),
            session);

        (await AskAsync(master))["reason"].ShouldBe("service_not_in_scope");
        gates.Scope(_wallet.Omni, OmniOf(agent), "openrouter").Write();

        (await AskAsync(master)).ShouldBeOk();
        (await AskAsync(agent)).ShouldBeOk();
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: master))
            .ShouldRefuse(403, "forbidden", "grant_required");
    }

    private static string OmniOf(string session) =>
        Jws.Parse(session).Claims.GetProperty("agentkeys").GetProperty("omni_account").GetString()!;

    private static string[] IdsOf(Answer listed) =>
        [.. listed.Json.GetProperty("messages").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];

    private static string Mail(string text) =>
        $"From: a@example.org\r\nSubject: x\r\nContent-Type: text/plain\r\n\r\n{text}\r\n";
}
