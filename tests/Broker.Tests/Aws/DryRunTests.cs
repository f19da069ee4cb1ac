using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary><c>?dry_run=true</c> shows what a mint would be, and does nothing.</summary>
public sealed class DryRunTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
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
    public async Task Shows_the_grant_and_calls_nobody()
    {
        var rows = _broker.MintLog().Count;

        var answer = (await DryRunAsync(new { role = "data", duration_seconds = 1200 })).ShouldBeOk();

        answer.Json.GetProperty("granted").GetBoolean().ShouldBeTrue();
        answer["role_arn"].ShouldBe(BrokerApp.DataRole);
        answer.Number("duration_seconds").ShouldBe(1200);
        answer["sts_mode"].ShouldBe("web_identity");
        answer.Json.GetProperty("tags").GetProperty("agentkeys_actor_omni").GetString().ShouldBe(_wallet.Omni);
        answer.Json.GetProperty("claims").GetProperty("sub").GetString().ShouldBe($"agentkeys:agent:{_wallet.Address}");
        answer.Json.GetProperty("checks").EnumerateArray().Select(one => one.GetProperty("check").GetString())
            .ShouldBe(
            [
                "authenticated", "signature", "role", "lifetime", "reason", "rate", "path_policy", "grant", "audience", "client",
                "foreign_rule", "narrowed",
            ]);
        answer.ShouldHoldNoCredential(_broker.Sts);
        _broker.Sts.Calls.ShouldBeEmpty();
        _broker.MintLog().Count.ShouldBe(rows);
    }

    [Fact]
    public async Task Shows_the_very_policy_that_sts_would_get()
    {
        var shown = (await DryRunAsync(new { })).ShouldBeOk().Json.GetProperty("session_policy").GetRawText();
        await using var broker = await BrokerApp.StartAsync();

        (await broker.PostAsync("/v1/mint-aws-creds", bearer: await broker.SignInAsync(_wallet))).ShouldBeOk();

        shown.ShouldBe(broker.Sts.LastCall["Policy"]);
    }

    [Fact]
    public async Task Shows_every_check_that_refuses_with_what_to_do()
    {
        var answer = (await DryRunAsync(new { role = "nope", duration_seconds = 1 })).ShouldBeOk();

        answer.Json.GetProperty("granted").GetBoolean().ShouldBeFalse();
        var failed = answer.Json.GetProperty("checks").EnumerateArray()
            .Where(one => !one.GetProperty("passed").GetBoolean()).ToList();
        failed.Select(one => one.GetProperty("code").GetString())
            .ShouldBe(["role_not_in_catalogue", "lifetime_out_of_bounds"]);
        failed.ShouldAllBe(one => one.GetProperty("next_step").GetString()!.Length > 10);
        answer["claims"].ShouldBeNull();
    }

    [Fact]
    public async Task Is_for_the_authenticated_only() =>
        (await _broker.PostAsync("/v1/mint-aws-creds?dry_run=true"))
            .ShouldRefuse(401, "unauthorized", "missing_bearer");

    [Fact]
    public async Task Takes_nothing_from_the_budget_and_no_idempotency_key()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "1"));
        var session = await broker.SignInAsync(_wallet);
        for (var n = 0; n < 5; n++)
            (await broker.PostAsync("/v1/mint-aws-creds?dry_run=true", null, session, ("Idempotency-Key", "k")))
                .ShouldBeOk();

        (await broker.PostAsync("/v1/mint-aws-creds", null, session, ("Idempotency-Key", "k")))
            .ShouldBeOk()["access_key_id"].ShouldNotBeNull();
    }

    /// <summary>Each state in which a mint can be: the dry run says what the mint then does.</summary>
    [Theory]
    [InlineData("nothing special")]
    [InlineData("unknown role")]
    [InlineData("budget spent")]
    [InlineData("signature missing")]
    [InlineData("signature wrong")]
    [InlineData("signature right")]
    [InlineData("request id used")]
    [InlineData("key used for another body")]
    [InlineData("key answered before")]
    [InlineData("key with a space of another kind")]
    public async Task Says_what_the_mint_then_does(string state)
    {
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_REQUIRE_SIGNED_MINT", state == "signature missing" ? "true" : "false"),
            ("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", state == "budget spent" ? "1" : "0"));
        var session = await broker.SignInAsync(_wallet);
        var signed = SignedMintBody.Signed(_wallet, broker.Clock.Now);
        object body = state switch
        {
            "unknown role" => new { role = "nope" },
            "signature right" or "request id used" => signed,
            "signature wrong" => SignedMintBody.Signed(_wallet, broker.Clock.Now - TimeSpan.FromHours(1)),
            _ => new { role = "data" },
        };
        (string, string)[] headers = state switch
        {
            "key used for another body" or "key answered before" => [("Idempotency-Key", "k")],
            "key with a space of another kind" => [("Idempotency-Key", "tab\there")],
            _ => [],
        };
        if (state is "budget spent" or "request id used" or "key answered before")
            (await broker.PostAsync("/v1/mint-aws-creds", body, session, headers)).ShouldBeOk();
        if (state == "key used for another body")
            (await broker.PostAsync("/v1/mint-aws-creds", new { role = "vault" }, session, headers)).ShouldBeOk();

        var rows = broker.MintLog().Count;
        var rehearsed = (await broker.PostAsync("/v1/mint-aws-creds?dry_run=true", body, session, headers)).ShouldBeOk();
        broker.MintLog().Count.ShouldBe(rows);
        var real = await broker.PostAsync("/v1/mint-aws-creds", body, session, headers);

        rehearsed.Json.GetProperty("granted").GetBoolean().ShouldBe((int)real.Status == 200, real.ToString());
        var refused = rehearsed.Json.GetProperty("checks").EnumerateArray()
            .Where(check => !check.GetProperty("passed").GetBoolean())
            .Select(check => check.GetProperty("code").GetString());
        if ((int)real.Status == 200) refused.ShouldBeEmpty();
        else refused.First().ShouldBe(real["code"]);
    }

    private Task<Answer> DryRunAsync(object body) =>
        _broker.PostAsync("/v1/mint-aws-creds?dry_run=true", body, _session);
}
