using System.Text.Json;
using Broker.Tests.Agents;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>
/// Token exchange with an <c>actor_token</c> (RFC 8693 §4.1): an agent acts for its master, where the master's grant
/// says so, and nowhere else.
/// </summary>
public sealed class ActingAgentTests : IAsyncLifetime
{
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    private readonly Wallet _master = new();
    private readonly Device _device = new();
    private BrokerApp _broker = null!;
    private string _session = "";
    private string _agent = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync();
        _session = await _broker.SignInAsync(_master);
        _agent = await _broker.PairAsync(_device, _session);
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _master.Dispose();
        _device.Dispose();
    }

    private string AgentOmni => OmniOf(_agent);

    [Fact]
    public async Task An_agent_gets_its_masters_token_for_each_use_that_was_granted()
    {
        (await ForAwsAsync(("role", "vault"))).ShouldRefuseAsOAuth(400, "invalid_grant", "grant_required");
        var grant = (await GrantAsync("vault", 2)).ShouldBeOk()["grant_id"];

        var answer = (await ForAwsAsync(("role", "vault"))).ShouldBeOk();

        var token = Jws.Read(answer, "access_token");
        token["sub"].ShouldBe($"agentkeys:agent:{_master.Address}");
        token["act"].ShouldBe($$"""{"sub":"agentkeys:agent:{{AgentOmni}}"}""");
        token["agentkeys_grant_id"].ShouldBe(grant);
        var row = _broker.RowOf(answer);
        row.RequesterWallet.ShouldBe(_master.Address);
        var evidence = JsonDocument.Parse(row.Evidence).RootElement;
        evidence.GetProperty("acting_omni").GetString().ShouldBe(AgentOmni);
        evidence.GetProperty("grant_id").GetString().ShouldBe(grant);

        (await ForAwsAsync(("role", "data"))).ShouldRefuseAsOAuth(400, "invalid_grant", "grant_required");
        (await ForAwsAsync()).ShouldRefuseAsOAuth(400, "invalid_grant", "grant_required");
        (await ForAwsAsync(("role", "vault"))).ShouldBeOk();
        var spent = await ForAwsAsync(("role", "vault"));
        spent.ShouldRefuseAsOAuth(400, "invalid_grant", "grant_exhausted");
        _broker.RowOf(spent).Outcome.ShouldBe("denied");

        // Alone the master needs no grant, and nobody acts.
        var alone = Jws.Read((await ExchangeAsync(_session, null, ForAws("vault"))).ShouldBeOk(), "access_token");
        alone.Claims.TryGetProperty("act", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_in_which_an_agent_acts_mints_what_is_granted_and_nothing_else()
    {
        (await GrantAsync("vault", 5)).ShouldBeOk();
        var answer = (await ActAsync()).ShouldBeOk();
        var acting = answer["access_token"]!;
        _broker.RowOf(answer).OutcomeDetail.ShouldBe("token_exchange");
        JsonDocument.Parse(_broker.RowOf(answer).Evidence).RootElement.GetProperty("acting_omni").GetString()
            .ShouldBe(AgentOmni);

        var minted = (await _broker.PostAsync("/v1/mint-aws-creds", new { role = "vault" }, acting)).ShouldBeOk();
        JsonDocument.Parse(_broker.RowOf(minted).Evidence).RootElement.GetProperty("acting_omni").GetString()
            .ShouldBe(AgentOmni);
        (await _broker.PostAsync("/v1/mint-aws-creds", new { role = "data" }, acting))
            .ShouldRefuse(403, "forbidden", "grant_required");
        (await _broker.PostAsync("/v1/agent/create", new { label = "b" }, acting))
            .ShouldRefuse(403, "forbidden", "not_a_master");
        (await _broker.PostAsync("/v1/auth/passkey/register/start", new { }, acting)).Status
            .ShouldNotBe(System.Net.HttpStatusCode.OK);

        (await _broker.GetAsync(
                $"/v1/ledger/entries/{_broker.RowOf(minted).RecordId}", ("Authorization", $"Bearer {acting}")))
            .ShouldRefuse(403, "forbidden", "not_a_master");

        var said = (await _broker.PostFormAsync("/oauth/introspect", acting, [("token", acting)])).ShouldBeOk();
        said.Json.GetProperty("act").ToString().ShouldBe($$"""{"sub":"agentkeys:agent:{{AgentOmni}}"}""");
        said["sub"].ShouldBe($"agentkeys:user:{OmniOf(_session)}");
    }

    [Fact]
    public async Task Agents_that_act_one_after_another_are_nested_up_to_a_depth()
    {
        (await GrantAsync("vault", 5)).ShouldBeOk();
        var first = (await ActAsync()).ShouldBeOk()["access_token"]!;
        using var device = new Device();
        var second = await _broker.PairAsync(device, _session, "agent-b");
        (await GrantAsync("vault", 5, device)).ShouldBeOk();

        var answer = (await ExchangeAsync(first, second, ForAws("vault"))).ShouldBeOk();

        Jws.Read(answer, "access_token")["act"].ShouldBe(
            $$$"""{"sub":"agentkeys:agent:{{{OmniOf(second)}}}","act":{"sub":"agentkeys:agent:{{{AgentOmni}}}"}}""");

        // The first one's path counts too.
        (await SuspendAsync()).ShouldBeOk();
        (await ExchangeAsync(first, second, ForAws("vault")))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "path_suspended");

        var deep = first;
        for (var i = 0; i < 3; i++) deep = (await ActAsync(deep, second)).ShouldBeOk()["access_token"]!;
        (await ActAsync(deep, second)).ShouldRefuseAsOAuth(400, "invalid_request", "oauth_invalid_request");
    }

    [Fact]
    public async Task What_was_exchanged_ends_with_either_session_and_with_the_agents_path()
    {
        (await GrantAsync("vault", 9)).ShouldBeOk();
        var acting = (await ActAsync()).ShouldBeOk()["access_token"]!;
        (await SuspendAsync()).ShouldBeOk();
        (await MintAsync(acting)).ShouldRefuse(403, "forbidden", "path_suspended");
        (await _broker.PostAsync(
            "/v1/grant/path-policies/resume", new { derivation_path = "//agent-a" }, _session)).ShouldBeOk();
        (await MintAsync(acting)).ShouldBeOk();

        (await _broker.PostAsync("/v1/auth/session/end", bearer: _agent)).ShouldBe204();
        (await MintAsync(acting)).ShouldRefuse(401, "unauthorized", "session_revoked");
    }

    [Fact]
    public async Task Refuses_an_actor_who_is_not_the_subjects_own_agent()
    {
        using var stranger = new Wallet();
        var other = await _broker.SignInAsync(stranger);
        using var device = new Device();
        var foreign = await _broker.PairAsync(device, other);

        foreach (var (subject, actor) in new[]
            {
                (_session, foreign), (other, _agent), (_session, other), (_session, _session), (_agent, _agent),
            })
        {
            (await ExchangeAsync(subject, actor, ForAws("vault")))
                .ShouldRefuseAsOAuth(400, "invalid_grant", "actor_not_of_subject");
        }

        (await ExchangeAsync(_session, "opaque", ForAws("vault"))).ShouldRefuseAsOAuth(400, "invalid_grant", "invalid_bearer");
        (await _broker.PostAsync("/v1/auth/session/end", bearer: _agent)).ShouldBe204();
        (await ForAwsAsync(("role", "vault"))).ShouldRefuseAsOAuth(400, "invalid_grant", "session_revoked");
    }

    private static (string, string)[] ForAws(string role) => [("audience", "sts.amazonaws.com"), ("role", role)];

    private static string OmniOf(string session) =>
        Jws.Parse(session).Claims.GetProperty("agentkeys").GetProperty("omni_account").GetString()!;

    private Task<Answer> ForAwsAsync(params (string, string)[] more) =>
        ExchangeAsync(_session, _agent, [("audience", "sts.amazonaws.com"), .. more]);

    private Task<Answer> ActAsync(string? subject = null, string? actor = null) =>
        ExchangeAsync(subject ?? _session, actor ?? _agent, ("requested_token_type", AccessToken));

    private Task<Answer> MintAsync(string session) =>
        _broker.PostAsync("/v1/mint-aws-creds", new { role = "vault" }, session);

    private Task<Answer> SuspendAsync() => _broker.PostAsync(
        "/v1/grant/path-policies/suspend", new { derivation_path = "//agent-a" }, _session);

    private Task<Answer> GrantAsync(string service, int uses, Device? device = null) => _broker.PostAsync(
        "/v1/grant/create", new
        {
            daemon_address = (device ?? _device).Pubkey,
            service,
            expires_at = _broker.Clock.UnixSeconds + 3600,
            max_uses = uses,
        }, _session);

    private Task<Answer> ExchangeAsync(string subject, string? actor, params (string, string)[] more) =>
        _broker.PostFormAsync("/oauth/token",
        [
            ("grant_type", TestClient.TokenExchange), ("subject_token", subject), ("subject_token_type", AccessToken),
            .. actor is null ? [] : ((string, string)[])[("actor_token", actor), ("actor_token_type", AccessToken)],
            .. more,
        ]);
}
