using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary><c>GET /v1/roles</c> says what the caller would get, and the reason of a mint goes on record.</summary>
public sealed class ListRolesTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "2"));
        _session = await _broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        _wallet.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Names_every_role_with_its_prefix_and_lifetimes()
    {
        var answer = await RolesAsync();

        answer["actor_omni"].ShouldBe(_wallet.Omni);
        answer["wallet"].ShouldBe(_wallet.Address);
        var roles = answer.Json.GetProperty("roles").EnumerateArray().ToList();
        roles.Select(role => role.GetProperty("name").GetString()).ShouldBe(["data", "vault"]);
        roles[0].GetProperty("arn").GetString().ShouldBe(BrokerApp.DataRole);
        roles[0].GetProperty("is_default").GetBoolean().ShouldBeTrue();
        roles[0].GetProperty("bucket").GetString().ShouldBe("agentkeys-mail");
        roles[0].GetProperty("prefixes").EnumerateArray().Select(one => one.GetString())
            .ShouldBe([$"bots/{_wallet.Omni}/", $"bots/{_wallet.Address}/"]);
        roles[0].GetProperty("duration_seconds").GetInt32().ShouldBe(3600);
        roles[0].GetProperty("max_duration_seconds").GetInt32().ShouldBe(43_200);
        roles.ShouldAllBe(role => role.GetProperty("granted").GetBoolean());
        roles[1].GetProperty("bucket").ValueKind.ShouldBe(JsonValueKind.Null);
        answer.ShouldHoldNoCredential(_broker.Sts);
    }

    [Fact]
    public async Task Says_what_a_mint_would_say()
    {
        for (var n = 0; n < 2; n++) (await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session)).ShouldBeOk();
        var rows = _broker.MintLog().Count;

        var answer = await RolesAsync();

        answer.Number("mints_per_hour").ShouldBe(2);
        answer.Number("mints_this_hour").ShouldBe(2);
        var role = answer.Json.GetProperty("roles")[0];
        role.GetProperty("granted").GetBoolean().ShouldBeFalse();
        var refused = await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session);
        role.GetProperty("refusal").GetProperty("code").GetString().ShouldBe(refused["code"]);
        role.GetProperty("refusal").GetProperty("next_step").GetString().ShouldBe(refused["next_step"]);
        _broker.MintLog().Count.ShouldBe(rows + 1);
    }

    [Fact]
    public async Task Tells_nobody_who_has_no_session()
    {
        (await _broker.GetAsync("/v1/roles")).ShouldRefuse(401, "unauthorized", "missing_bearer");
    }

    [Theory]
    [InlineData("/v1/mint-aws-creds")]
    [InlineData("/v1/mint-oidc-jwt")]
    public async Task A_mint_may_say_what_it_is_for(string path)
    {
        var answer = (await _broker.PostAsync(path, new { reason = "nightly report" }, _session)).ShouldBeOk();
        JsonElement.Parse(_broker.RowOf(answer).Evidence).GetProperty("reason").GetString().ShouldBe("nightly report");

        foreach (var reason in (string[])["", " ", "two\nlines", "\u202eturned", new string('x', 201)])
        {
            (await _broker.PostAsync(path, new { reason }, _session))
                .ShouldRefuse(400, "bad_request", "invalid_field")["message"]!.ShouldContain("reason");
        }

        (await _broker.PostAsync(path, new { reason = new string('x', 200) }, _session)).ShouldBeOk();
    }

    private async Task<Answer> RolesAsync() =>
        (await _broker.GetAsync("/v1/roles", ("Authorization", $"Bearer {_session}"))).ShouldBeOk();
}
