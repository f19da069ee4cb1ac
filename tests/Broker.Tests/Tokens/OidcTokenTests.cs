using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Tokens;

/// <summary>The OIDC token, claim by claim, as contract §3.2 and AWS want it.</summary>
public sealed class OidcTokenTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
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
    public async Task Holds_exactly_these_claims()
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session);
        var token = Jws.Read(answer, "jwt");

        token.Header.GetRawText()
            .ShouldBe($$"""{"alg":"ES256","typ":"JWT","kid":"{{token.Header.GetProperty("kid").GetString()}}"}""");
        var now = _broker.Clock.UnixSeconds;
        token.Claims.GetRawText().ShouldBe(
            $$$"""{"iss":"https://broker.example.test","sub":"agentkeys:agent:{{{_wallet.Address}}}","aud":"sts.amazonaws.com","iat":{{{now}}},"exp":{{{now + 300}}},"jti":"{{{answer["audit_record_id"]}}}","agentkeys_user_wallet":"{{{_wallet.Address}}}","agentkeys_actor_omni":"{{{_wallet.Omni}}}","https://aws.amazon.com/tags":{"principal_tags":{"agentkeys_user_wallet":["{{{_wallet.Address}}}"],"agentkeys_actor_omni":["{{{_wallet.Omni}}}"]},"transitive_tag_keys":["agentkeys_user_wallet","agentkeys_actor_omni"]}}""");
    }

    [Theory]
    [InlineData("vault")]
    [InlineData(BrokerApp.VaultRole)]
    public async Task Is_pinned_to_the_role_that_was_asked_for(string role)
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", new { role }, _session);

        Jws.Read(answer, "jwt").Claims.GetProperty("https://aws.amazon.com/roles").GetRawText()
            .ShouldBe($"[\"{BrokerApp.VaultRole}\"]");
        _broker.RowOf(answer).OutcomeDetail.ShouldBe($"pinned to {BrokerApp.VaultRole}");
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("DATA")]
    [InlineData("arn:aws:iam::999999999999:role/agentkeys-data-role")]
    public async Task Is_not_given_for_a_role_outside_the_catalogue(string role)
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", new { role }, _session);

        answer.ShouldRefuse(400, "bad_request", "role_not_in_catalogue")["message"]!.ShouldContain("data, vault");
        _broker.RowOf(answer).Outcome.ShouldBe("bad_request");
    }

    [Fact]
    public async Task Lives_as_long_as_was_asked()
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", new { ttl_seconds = 3600 }, _session);

        Jws.Read(answer, "jwt").Claims.GetProperty("exp").GetInt64().ShouldBe(_broker.Clock.UnixSeconds + 3600);
        answer.Number("expiration").ShouldBe(_broker.Clock.UnixSeconds + 3600);
        _broker.RowOf(answer).SessionDurationSeconds.ShouldBe(3600);
    }

    [Fact]
    public async Task Names_the_source_identity_only_where_the_operator_wants_it()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_OIDC_SOURCE_IDENTITY", "true"));

        var with =
            Jws.Read(await broker.PostAsync("/v1/mint-oidc-jwt", bearer: await broker.SignInAsync(_wallet)), "jwt");
        var without = Jws.Read(await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session), "jwt");

        with["https://aws.amazon.com/source_identity"].ShouldBe(_wallet.Address);
        without["https://aws.amazon.com/source_identity"].ShouldBeNull();
    }

    [Fact]
    public async Task Comes_with_its_receipt_or_without_it_as_was_asked()
    {
        var usual = (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session)).ShouldBeOk();
        var none = (await _broker.PostAsync("/v1/mint-oidc-jwt?receipt=none", bearer: _session)).ShouldBeOk();
        var full = (await _broker.PostAsync("/v1/mint-oidc-jwt?receipt=full", bearer: _session)).ShouldBeOk();

        usual["receipt"]!.ShouldStartWith("c2sp.org/tlog-proof@v1\n");
        usual["entry"].ShouldBeNull();
        none["receipt"].ShouldBeNull();
        full["receipt"]!.ShouldContain("broker.example.test/ledger");
        JsonDocument.Parse(Convert.FromBase64String(full["entry"]!)).RootElement.GetProperty("record_id").GetString()
            .ShouldBe(full["audit_record_id"]);
    }

    [Fact]
    public async Task Two_tokens_are_never_the_same()
    {
        var tokens = await Task.WhenAll(
            Enumerable.Range(0, 20)
                .Select(async _ =>
                    Jws.Read(await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session), "jwt")["jti"]));

        tokens.Distinct().Count().ShouldBe(20);
    }
}
